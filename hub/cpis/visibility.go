// Package cpis is Child Protection - Information Sharing: which plans are visible, what an opening shows and leaves
// behind, and who has looked.
package cpis

import (
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Window is how long a plan goes on mattering after it is over, in days, the last day included.
type Window struct {
	AfterEnd int // visible after a plan's end
	AfterDue int // visible after the day an unborn child was due
	Told     int // its authority is told of openings after a plan's end
}

// Standard returns the window of the CP-IS user guide: visible for 365 days after the end, or 28 days after the due
// date; and of the CP-IS implementation forum of 2017: notifications go on for 365 days after the end.
func Standard() Window { return Window{AfterEnd: 365, AfterDue: 28, Told: 365} }

// VisibleUntil returns the last day on which the plan is visible; the zero date for one that has no end in sight. It
// goes by [EndOf], to which born is given; an unborn child's plan goes by the due date, and by its end where no due
// date is known.
func (w Window) VisibleUntil(p store.Plan, born nhs.Date) nhs.Date {
	end, _ := EndOf(p, born)
	switch {
	case p.Kind == store.UnbornChild && !p.Due.IsZero():
		return p.Due.AddDays(w.AfterDue)
	case end.IsZero():
		return nhs.Date{}
	case p.Kind == store.UnbornChild:
		return end.AddDays(w.AfterDue)
	default:
		return end.AddDays(w.AfterEnd)
	}
}

// Visible reports whether the plan is an alert today: it has started, and its last visible day has not passed.
func (w Window) Visible(p store.Plan, born, today nhs.Date) bool {
	until := w.VisibleUntil(p, born)
	return !today.Before(p.Start) && (until.IsZero() || !until.Before(today))
}

// Tells reports whether the plan's authority is notified of an opening today: as long as the plan is visible, and for
// Told days after its end in any case. An unborn child's plan ends as an alert 28 days after birth was due, but its
// authority still has to know who looks at the mother or at a later plan of another authority. Where such a plan has
// no end, the days count from the due date.
func (w Window) Tells(p store.Plan, born, today nhs.Date) bool {
	if w.Visible(p, born, today) {
		return true
	}
	end, _ := EndOf(p, born)
	if end.IsZero() && p.Kind == store.UnbornChild {
		end = p.Due
	}
	return !today.Before(p.Start) && (end.IsZero() || !end.AddDays(w.Told).Before(today))
}
