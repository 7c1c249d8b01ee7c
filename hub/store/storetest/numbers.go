package storetest

import (
	"slices"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// numbersAreChecked stores results of checks whether the numbers of plans have been superseded.
func numbersAreChecked(t *testing.T, b *fixture) {
	const other, third = nhs.Number("9990000042"), nhs.Number("9990000050")
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	for i, n := range []nhs.Number{tess, tess, tom, other} {
		must(t, b.PutPlan(b.ctx, store.Plan{
			ID: string(rune('a' + i)), Number: n, Kind: store.ChildProtection, Start: day(2026, 1,
				1), Authority: "V999",
		}))
	}

	unchecked := func(when string, before time.Time, limit int, want ...nhs.Number) {
		t.Helper()
		if got, err := b.UncheckedNumbers(b.ctx, before, limit); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: UncheckedNumbers = %v, %v; want %v", when, got, err, want)
		}
	}
	superseded := func(when string, current []nhs.Number, want ...nhs.Number) {
		t.Helper()
		if got, err := b.SupersededBy(b.ctx, current); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: SupersededBy = %v, %v; want %v", when, got, err, want)
		}
	}

	all := []nhs.Number{tess, tom, other}
	slices.Sort(all)
	unchecked("at first", now, 9, all...)
	unchecked("with a limit", now, 2, all[:2]...)
	must(t, b.PutNumberChecks(b.ctx, nil))
	must(t, b.PutNumberChecks(b.ctx, []store.NumberCheck{
		{Number: tess, Current: tess, At: now},
		{Number: tom, Current: third, At: now.Add(-time.Hour)},
		{Number: other, Current: third, At: now},
	}))
	unchecked("after checks", now, 9, tom)
	unchecked("by an earlier time", now.Add(-time.Hour), 9)
	both := []nhs.Number{tom, other}
	slices.Sort(both)
	superseded("two numbers", []nhs.Number{third, tess}, both...)
	superseded("a current number", []nhs.Number{tess})
	superseded("no number", nil)
	must(t, b.PutNumberChecks(b.ctx, []store.NumberCheck{{Number: tom, Current: tom, At: now}}))
	superseded("after a change", []nhs.Number{third}, other)
	unchecked("after a change", now, 9)

	must(t, b.commit(&store.Entry{Audit: record("upload"), Upload: &store.Upload{
		ID: "u", Authority: "V999", File: "1", At: now, Answer: []byte("x"),
		Plans: []store.Plan{{
			ID: "z", Number: third, Kind: store.ChildProtection, Start: day(2026, 1, 1), Authority: "V999",
		}},
		Checks: []store.NumberCheck{{Number: third, Current: third, At: now}},
	}}))
	unchecked("after an upload with its checks", now, 9)
	superseded("after an upload", []nhs.Number{third}, other)
}
