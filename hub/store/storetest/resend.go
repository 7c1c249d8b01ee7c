package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// authoritiesSendAgain marks authorities as having to resend their plans, and removes the marks. While there is a
// mark, the absence of plans is no answer.
func authoritiesSendAgain(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	must(t, b.PutPatients(b.ctx, []store.Patient{born(t, tess, "2016-03-04"), born(t, tom, "2016-03-04")}))
	must(t, b.PutPlan(b.ctx, store.Plan{
		ID: "p", Number: tess, Kind: store.ChildProtection, Start: day(2026, 1, 1),
		Authority: "V999",
	}))

	alerts := cpis.New(b, trace.New(b), cpis.Standard(), func() string { return "id" }, nil)
	check := func(when string, want error) {
		t.Helper()
		if found, err := alerts.Plans(b.ctx, tess, day(2026, 7, 15)); err != nil || len(found.Visible) != 1 {
			t.Errorf("%s, patient with a plan: got %+v, error %v; want it", when, found, err)
		}
		if found, err := alerts.Plans(b.ctx, tom, day(2026, 7, 15)); !errors.Is(err, want) || len(found.Visible) != 0 {
			t.Errorf("%s, patient without plans: got %+v, error %v; want %v", when, found, err, want)
		}
	}

	change := func(since time.Time, codes ...string) {
		t.Helper()
		must(t,
			b.commit(&store.Entry{
				Audit:  record("x"),
				Change: &store.Change{Resend: &store.ResendChange{Authorities: codes, Since: since}},
			}))
	}

	listed := func(want ...store.Resend) {
		t.Helper()
		if got, err := b.Resends(b.ctx); err != nil || !slices.EqualFunc(got, want, func(a, b store.Resend) bool {
			return a.Authority == b.Authority && a.Since.Equal(b.Since)
		}) {
			t.Errorf("Resends = %v, %v; want %v", got, err, want)
		}
	}

	lacks := func(want store.MissingPlans, numbers ...nhs.Number) {
		t.Helper()
		if got, err := b.Lacks(b.ctx, numbers); err != nil || got != want {
			t.Errorf("Lacks = %+v, %v; want %+v", got, err, want)
		}
	}

	check("before", nil)
	lacks(store.MissingPlans{}, tess, tom)
	listed()
	change(now, "V999", "")
	change(now.Add(time.Hour), "V999")
	change(now.Add(-time.Hour), "")
	b.restart()
	alerts = cpis.New(b, trace.New(b), cpis.Standard(), func() string { return "id" }, nil)
	listed(store.Resend{Since: now.Add(-time.Hour)}, store.Resend{Authority: "V999", Since: now})
	check("marked", cpis.ErrRestored)
	lacks(store.MissingPlans{Resend: true}, tom)
	lacks(store.MissingPlans{})
	change(time.Time{}, "V999")
	check("one of two has sent", cpis.ErrRestored)
	change(time.Time{}, "V999", "")
	listed()
	check("both have sent", nil)
	if n := len(b.trail()); n != 5 {
		t.Errorf("got %d audit records, want 5: one for each change", n)
	}
}
