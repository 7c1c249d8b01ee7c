package cpis_test

import (
	"testing"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
)

func TestEndOf(t *testing.T) {
	for _, c := range []struct {
		name            string
		kind            store.PlanKind
		start, end, due string
		born            string
		want            string
		by              cpis.Rule
	}{
		{
			"a child protection plan without an end", store.ChildProtection, "2010-05-01", "", "", "1999-06-01",
			"2017-06-01", cpis.Birthday,
		},
		{
			"a looked-after child's plan without an end", store.LookedAfter, "2010-05-01", "", "", "2008-07-15",
			"2026-07-15", cpis.Birthday,
		},
		{
			"from the day before the birthday", store.LookedAfter, "2026-07-14", "", "", "2008-07-15", "2026-07-15",
			cpis.Birthday,
		},
		{
			"an own end before the birthday", store.LookedAfter, "2010-05-01", "2026-07-14", "", "2008-07-15",
			"2026-07-14", cpis.NoRule,
		},
		{
			"an own end on the birthday", store.LookedAfter, "2010-05-01", "2026-07-15", "", "2008-07-15", "2026-07-15",
			cpis.NoRule,
		},
		{
			"an own end after the birthday", store.LookedAfter, "2010-05-01", "2026-07-16", "", "2008-07-15",
			"2026-07-15",
			cpis.Birthday,
		},
		{"born on 29 February", store.ChildProtection, "2010-05-01", "", "", "2008-02-29", "2026-03-01", cpis.Birthday},
		{
			"born on 28 February of a leap year", store.ChildProtection, "2010-05-01", "", "", "2008-02-28",
			"2026-02-28",
			cpis.Birthday,
		},
		{"born in a month", store.ChildProtection, "2010-05-01", "", "", "2008-04", "2026-04-30", cpis.Birthday},
		{
			"born in a February of 29 days", store.ChildProtection, "2010-05-01", "", "", "2008-02", "2026-03-01",
			cpis.Birthday,
		},
		{"born in a December", store.ChildProtection, "2010-05-01", "", "", "2008-12", "2026-12-31", cpis.Birthday},
		{"born in a year", store.ChildProtection, "2010-05-01", "", "", "2008", "2026-12-31", cpis.Birthday},
		{"birth date unknown, no own end", store.ChildProtection, "2010-05-01", "", "", "", "", cpis.NoRule},
		{
			"birth date unknown, an own end", store.ChildProtection, "2010-05-01", "2030-01-01", "", "", "2030-01-01",
			cpis.NoRule,
		},
		{
			"a start after the birthday on record", store.ChildProtection, "2026-05-01", "", "", "2008-04-30",
			"2026-05-01", cpis.AdultAtStart,
		},
		{
			"only an unborn child's plan has a due date", store.ChildProtection, "2010-05-01", "", "2010-09-01",
			"2008-07-15", "2026-07-15", cpis.Birthday,
		},

		{
			"unborn, neither due date nor end", store.UnbornChild, "2025-07-15", "", "", "1990-01-01", "2026-07-16",
			cpis.UnbornLimit,
		},
		{
			"unborn, over a leap day", store.UnbornChild, "2023-07-15", "", "", "1990-01-01", "2024-07-15",
			cpis.UnbornLimit,
		},
		{"unborn, with a due date", store.UnbornChild, "2025-07-15", "", "2025-12-01", "1990-01-01", "", cpis.NoRule},
		{
			"unborn, with an end", store.UnbornChild, "2025-07-15", "2027-01-01", "", "1990-01-01", "2027-01-01",
			cpis.NoRule,
		},
		{
			"unborn, the mother's 18th birthday ends nothing", store.UnbornChild, "2026-07-01", "", "", "2008-07-15",
			"2027-07-02", cpis.UnbornLimit,
		},
		{
			"unborn, the mother's birth date unknown", store.UnbornChild, "2025-07-15", "", "", "", "2026-07-16",
			cpis.UnbornLimit,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := store.Plan{Kind: c.kind, Start: date(c.start), End: date(c.end), Due: date(c.due)}
			if end, by := cpis.EndOf(p, date(c.born)); end != date(c.want) || by != c.by {
				t.Errorf("EndOf = %s, %q; want %s, %q", end, by, date(c.want), c.by)
			}
		})
	}
}

// TestWindow_EndByRule checks the days before and after the last one. A plan that ends by rule is visible, and its
// authority notified, as long as if the authority had ended it on that day.
func TestWindow_EndByRule(t *testing.T) {
	for _, c := range []struct {
		name              string
		kind              store.PlanKind
		start, end, born  string
		visible, notified string // last days
	}{
		{"no own end", store.ChildProtection, "2010-05-01", "", "2008-07-15", "2027-07-15", "2027-07-15"},
		{"a later own end", store.LookedAfter, "2010-05-01", "2030-01-01", "2008-07-15", "2027-07-15", "2027-07-15"},
		{"an earlier own end", store.LookedAfter, "2010-05-01", "2020-01-01", "2008-07-15", "2020-12-31", "2020-12-31"},
		{"born on 29 February", store.LookedAfter, "2010-05-01", "", "2008-02-29", "2027-03-01", "2027-03-01"},
		{"born in a year", store.ChildProtection, "2010-05-01", "", "2008", "2027-12-31", "2027-12-31"},
		{"unborn", store.UnbornChild, "2025-07-15", "", "1990-01-01", "2026-08-13", "2027-07-16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := store.Plan{Kind: c.kind, Start: date(c.start), End: date(c.end)}
			w, born := cpis.Standard(), date(c.born)
			if got := w.VisibleUntil(p, born); got != date(c.visible) {
				t.Errorf("VisibleUntil = %s, want %s", got, date(c.visible))
			}
			for days, want := range map[int]bool{-1: true, 0: true, 1: false} {
				if on := date(c.visible).AddDays(days); w.Visible(p, born, on) != want {
					t.Errorf("Visible on %s = %v, want %v", on, !want, want)
				}
				if on := date(c.notified).AddDays(days); w.Notifies(p, born, on) != want {
					t.Errorf("Tells on %s = %v, want %v", on, !want, want)
				}
			}
		})
	}
}
