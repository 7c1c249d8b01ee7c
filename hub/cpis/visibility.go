// Package cpis implements Child Protection - Information Sharing: which plans are visible, what an opening shows and
// records, and the access history.
package cpis

import (
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Window is how long a plan is relevant after its end, in days, including the last one.
type Window struct {
	AfterEnd       int // visible after a plan's end
	AfterDue       int // visible after the day an unborn child was due, and after the end of its plan
	NotifyAfterEnd int // days after a plan's end in which its authority is notified of openings
}

// Standard returns the window of the CP-IS user guide, which is 365 days of visibility after the end, or for an unborn
// child 28 days after the due date or the end; and of the CP-IS implementation forum of 2017, which is 365 days of
// notifications after the end.
func Standard() Window { return Window{AfterEnd: 365, AfterDue: 28, NotifyAfterEnd: 365} }

// VisibleUntil returns the last day on which the plan is visible, or the zero date if it has no end. It uses [EndOf]
// with born. For an unborn child's plan it uses the later of due date and end. If that has a due date and no end, it
// uses the due date: nobody ended the plan, and the child is born.
func (w Window) VisibleUntil(p store.Plan, born nhs.Date) nhs.Date {
	end, _ := EndOf(p, born)
	after := w.AfterEnd
	if p.Kind == store.UnbornChild {
		after = w.AfterDue
		if end.Before(p.Due) { // no end sorts before every day
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

// Notifies reports whether the plan's authority is notified of an opening today: while the plan is visible, and at
// least for NotifyAfterEnd days after its end. Such an opening shows another plan of the child or of the mother. An
// opening without visible plans records and notifies nothing ([Service.Record]). For an unborn child's plan without an
// end, the days count from the due date.
func (w Window) Notifies(p store.Plan, born, today nhs.Date) bool {
	if w.Visible(p, born, today) {
		return true
	}
	end, _ := EndOf(p, born)
	if end.IsZero() && p.Kind == store.UnbornChild {
		end = p.Due
	}
	return !today.Before(p.Start) && (end.IsZero() || !end.AddDays(w.NotifyAfterEnd).Before(today))
}
