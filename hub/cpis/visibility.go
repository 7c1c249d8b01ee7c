// Package cpis is Child Protection - Information Sharing: which plans are visible, what an opening shows and leaves behind,
// and who has looked.
package cpis

import (
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Window is how long a plan stays visible after it is over, in days, the last day included.
type Window struct {
	AfterEnd int // of a plan's end
	AfterDue int // of the day an unborn child was due
}

// Standard is the window of the CP-IS user guide: 365 days after the end, 28 days after the due date.
func Standard() Window { return Window{AfterEnd: 365, AfterDue: 28} }

// VisibleUntil is the last day on which the plan is visible; the zero date for one that has no end in sight. An unborn
// child's plan goes by the due date, and by its end where no due date is known.
func (w Window) VisibleUntil(p store.Plan) nhs.Date {
	switch {
	case p.Kind == store.UnbornChild && !p.Due.IsZero():
		return p.Due.AddDays(w.AfterDue)
	case p.End.IsZero():
		return nhs.Date{}
	case p.Kind == store.UnbornChild:
		return p.End.AddDays(w.AfterDue)
	default:
		return p.End.AddDays(w.AfterEnd)
	}
}

// Visible reports whether the plan is an alert today: it has begun, and its last visible day has not passed.
func (w Window) Visible(p store.Plan, today nhs.Date) bool {
	until := w.VisibleUntil(p)
	return !today.Before(p.Start) && (until.IsZero() || !until.Before(today))
}
