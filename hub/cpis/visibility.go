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
	AfterDue int // visible after the day an unborn child was due, and after the end of its plan
	Told     int // its authority is told of openings after a plan's end
}

// Standard returns the window of the CP-IS user guide: visible for 365 days after the end, or of an unborn child 28 days
// after the due date or the end; and of the CP-IS implementation forum of 2017: notifications go on for 365 days after the end.
func Standard() Window { return Window{AfterEnd: 365, AfterDue: 28, Told: 365} }

// VisibleUntil returns the last day on which the plan is visible; the zero date for one that has no end in sight. It
// goes by [EndOf], to which born is given; an unborn child's plan goes by the due date or by its end, whichever is
// later. One that has a due date and no end goes by the due date: it was left open, and the child is born.
func (w Window) VisibleUntil(p store.Plan, born nhs.Date) nhs.Date {
	end, _ := EndOf(p, born)
	after := w.AfterEnd
	if p.Kind == store.UnbornChild {
		after = w.AfterDue
		if end.Before(p.Due) { // no end comes before every day
			end = p.Due
		}
	}
	if end.IsZero() {
		return nhs.Date{}
	}
	return end.AddDays(after)
}

// Visible reports whether the plan is an alert today: it has started, and its last visible day has not passed.
func (w Window) Visible(p store.Plan, born, today nhs.Date) bool {
	until := w.VisibleUntil(p, born)
	return !today.Before(p.Start) && (until.IsZero() || !until.Before(today))
}

// Tells reports whether the plan's authority is notified of an opening today: as long as the plan is visible, and for
// Told days after its end in any case: an opening then shows another plan of the child or of the mother, and its
// authority still has to know. An opening that shows none is no opening: it leaves nothing ([Service.Record]), and
// nobody is notified. Where an unborn child's plan has no end, the days count from the due date.
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
