package cpis_test

import (
	"testing"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

func date(s string) nhs.Date {
	if s == "" {
		return nhs.Date{}
	}
	d, err := nhs.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestHowLongAPlanIsVisible(t *testing.T) {
	for _, c := range []struct {
		name            string
		kind            store.PlanKind
		start, end, due string
		today           string
		visible         bool
	}{
		{"it runs", store.ChildProtection, "2026-02-03", "", "", "2026-07-15", true},
		{"on its first day", store.ChildProtection, "2026-02-03", "", "", "2026-02-03", true},
		{"the day before it begins", store.ChildProtection, "2026-02-03", "", "", "2026-02-02", false},
		{"on its last day", store.LookedAfter, "2024-02-03", "2025-07-15", "", "2025-07-15", true},
		{"364 days after the end", store.ChildProtection, "2024-02-03", "2025-07-15", "", "2026-07-14", true},
		{"365 days after the end", store.ChildProtection, "2024-02-03", "2025-07-15", "", "2026-07-15", true},
		{"366 days after the end", store.ChildProtection, "2024-02-03", "2025-07-15", "", "2026-07-16", false},
		{"365 days over a leap day", store.LookedAfter, "2023-01-01", "2024-01-31", "", "2025-01-30", true},
		{"366 days over a leap day", store.LookedAfter, "2023-01-01", "2024-01-31", "", "2025-01-31", false},
		{"unborn, before the due date", store.UnbornChild, "2026-01-01", "", "2026-09-01", "2026-08-31", true},
		{"unborn, 27 days after", store.UnbornChild, "2026-01-01", "", "2026-09-01", "2026-09-28", true},
		{"unborn, 28 days after", store.UnbornChild, "2026-01-01", "", "2026-09-01", "2026-09-29", true},
		{"unborn, 29 days after", store.UnbornChild, "2026-01-01", "", "2026-09-01", "2026-09-30", false},
		{
			"unborn, ended before the child is due", store.UnbornChild, "2026-01-01", "2026-03-01", "2026-09-01",
			"2026-09-29", true,
		},
		{
			"unborn, ended before the child is due, a day later", store.UnbornChild, "2026-01-01", "2026-03-01",
			"2026-09-01", "2026-09-30", false,
		},
		{
			"unborn, runs after the child is due", store.UnbornChild, "2026-01-01", "2026-11-01", "2026-09-01",
			"2026-09-30", true,
		},
		{
			"unborn, 28 days after an end after the due date", store.UnbornChild, "2026-01-01", "2026-11-01",
			"2026-09-01",
			"2026-11-29", true,
		},
		{"unborn, 29 days after it", store.UnbornChild, "2026-01-01", "2026-11-01", "2026-09-01", "2026-11-30", false},
		{
			"unborn, due date unknown, 28 days after the end", store.UnbornChild, "2026-01-01", "2026-09-01", "",
			"2026-09-29", true,
		},
		{
			"unborn, due date unknown, 29 days after the end", store.UnbornChild, "2026-01-01", "2026-09-01", "",
			"2026-09-30", false,
		},
		{
			"unborn, neither is known, 366 and 28 days after the start", store.UnbornChild, "2026-01-01", "", "",
			"2027-01-30", true,
		},
		{"unborn, neither is known, a day later", store.UnbornChild, "2026-01-01", "", "", "2027-01-31", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := store.Plan{Kind: c.kind, Start: date(c.start), End: date(c.end), Due: date(c.due)}
			if got := cpis.Standard().Visible(p, nhs.Date{}, date(c.today)); got != c.visible {
				t.Errorf("Visible = %v, want %v; VisibleUntil = %s", got, c.visible,
					cpis.Standard().VisibleUntil(p, nhs.Date{}))
			}
		})
	}
}

func TestTheWindowCanBeSet(t *testing.T) {
	p := store.Plan{Kind: store.ChildProtection, Start: date("2024-01-01"), End: date("2025-07-15")}
	w := cpis.Window{AfterEnd: 364, AfterDue: 28}
	if !w.Visible(p, nhs.Date{}, date("2026-07-14")) || w.Visible(p, nhs.Date{}, date("2026-07-15")) {
		t.Error("with AfterEnd 364 the plan isn't visible until exactly the 364th day")
	}
}

func TestHowLongAnAuthorityIsTold(t *testing.T) {
	for _, c := range []struct {
		name            string
		kind            store.PlanKind
		start, end, due string
		today           string
		shown           bool
	}{
		{"it runs", store.ChildProtection, "2026-02-03", "", "", "2026-07-15", true},
		{"the day before it begins", store.ChildProtection, "2026-02-03", "", "", "2026-02-02", false},
		{"364 days after the end", store.LookedAfter, "2024-02-03", "2025-07-15", "", "2026-07-14", true},
		{"365 days after the end", store.LookedAfter, "2024-02-03", "2025-07-15", "", "2026-07-15", true},
		{"366 days after the end", store.LookedAfter, "2024-02-03", "2025-07-15", "", "2026-07-16", false},
		{
			"unborn, no longer visible, 365 days after the end", store.UnbornChild, "2025-01-01", "2025-07-15",
			"2025-06-01", "2026-07-15", true,
		},
		{
			"unborn, 366 days after the end", store.UnbornChild, "2025-01-01", "2025-07-15", "2025-06-01", "2026-07-16",
			false,
		},
		{
			"unborn, visible by a late due date", store.UnbornChild, "2025-01-01", "2025-01-02", "2026-07-15",
			"2026-08-12", true,
		},
		{
			"unborn without an end, 365 days after the due date", store.UnbornChild, "2025-01-01", "", "2025-06-01",
			"2026-06-01", true,
		},
		{
			"unborn without an end, 366 days after the due date", store.UnbornChild, "2025-01-01", "", "2025-06-01",
			"2026-06-02", false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := store.Plan{Kind: c.kind, Start: date(c.start), End: date(c.end), Due: date(c.due)}
			if got := cpis.Standard().Notifies(p, nhs.Date{}, date(c.today)); got != c.shown {
				t.Errorf("Tells = %v, want %v", got, c.shown)
			}
		})
	}
}
