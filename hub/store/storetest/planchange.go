package storetest

import (
	"slices"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// onFile returns a plan of V999.
func onFile(b *bench, id string, n nhs.Number) store.Plan {
	b.t.Helper()
	p := store.Plan{ID: id, Number: n, Kind: store.ChildProtection, Start: day(2026, 1, 2), Authority: "V999", Reference: "R" + id}
	must(b.t, b.PutPlan(b.ctx, p))
	return p
}

func plansOfAnAuthorityAreListed(t *testing.T, b *bench) {
	must(t, b.PutAuthority(b.ctx, authority("V998")))
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	one, two := onFile(b, "1", tess), onFile(b, "2", tom)
	must(t, b.PutPlan(b.ctx, store.Plan{ID: "3", Number: tess, Kind: store.LookedAfter, Start: day(2026, 1, 2), Authority: "V998"}))
	got, err := b.PlansOf(b.ctx, "V999")
	must(t, err)
	slices.SortFunc(got, func(a, b store.HeldPlan) int { return int(a.ID[0]) - int(b.ID[0]) })
	if !slices.Equal(got, []store.HeldPlan{{Plan: one, By: authority("V999")}, {Plan: two, By: authority("V999")}}) {
		t.Errorf("%+v", got)
	}
	for _, none := range []string{"V9", ""} {
		if got, err := b.PlansOf(b.ctx, none); err != nil || len(got) != 0 {
			t.Errorf("%q: %+v, %v", none, got, err)
		}
	}
}

// anOperatorChangesAPlan stores a change with its audit record, or neither.
func anOperatorChangesAPlan(t *testing.T, b *bench) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	ended, removed := onFile(b, "ended", tess), onFile(b, "removed", tess)
	entry := func(c store.PlanChange) *store.Entry { return &store.Entry{Audit: record("change"), Plan: &c} }

	must(t, b.commit(entry(store.PlanChange{ID: "ended", End: day(2026, 7, 1)})))
	ended.End = day(2026, 7, 1)
	if got, err := b.Plan(b.ctx, "ended"); err != nil || got.Plan != ended {
		t.Errorf("%+v, %v; want %+v", got.Plan, err, ended)
	}
	refused, err := b.Commit(b.ctx, []*store.Entry{
		entry(store.PlanChange{ID: "removed", Remove: true}), entry(store.PlanChange{ID: "removed", Remove: true}),
		entry(store.PlanChange{ID: "nobody's", Remove: true}), entry(store.PlanChange{ID: "removed", End: day(2026, 7, 1)}),
		entry(store.PlanChange{ID: "nobody's\x00\xff", End: day(2026, 7, 1)}),
	})
	must(t, err)
	for i, want := range []error{nil, store.ErrNoPlan, store.ErrNoPlan, store.ErrNoPlan, store.ErrNoPlan} {
		mustBe(t, refused[i], want)
	}
	_, err = b.Plan(b.ctx, removed.ID)
	mustBe(t, err, store.ErrNotFound)
	if n := len(b.trail()); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}
