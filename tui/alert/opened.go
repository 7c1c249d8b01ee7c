// Package alert has the screens after an alert was opened: its plans, whom to ring now, the access history, and
// printing.
package alert

import (
	"slices"

	"wardlight/client"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Patient is the patient of an opened alert, as its screens need them.
type Patient interface {
	Banner(w int) draw.Pane
	Heading() string           // name and number in short
	FlagCommand() act.Command  // sets the flag in the record system
	FlagOffer(w int) draw.Pane // what the flag key does, if it is available
	FlagNews(w int) draw.Pane  // the result of setting the flag
	Unscheduled() bool         // reports whether this is unscheduled care: openings are recorded and notified
	FlagFailed() bool
}

// Opened is the screen of an opened alert: the plans, the number to ring now, and the access history.
type Opened struct {
	*step.Common
	step.Unfocused
	Patient        Patient
	Opened         client.Opened
	chosen         int  // index in the plans
	HistoryFocused bool // the arrow keys move in the access history and not in the plans
	from           int  // first access shown
	shown          int  // accesses that fit, for paging; 0 if there is no space for the table beside the plan
}

// NewOpened returns the screen of an alert that was opened.
func NewOpened(c *step.Common, p Patient, opened client.Opened) *Opened {
	s := &Opened{Common: c, Patient: p, Opened: opened, HistoryFocused: len(opened.Plans) < 2, shown: 1}
	// Start with the first current plan, because its number is the one to ring.
	s.chosen = max(0, slices.IndexFunc(s.Opened.Plans, func(p client.Plan) bool { return !s.ended(p) }))
	return s
}

// Place returns the step that the screen belongs to.
func (s *Opened) Place() draw.Place { return draw.AtAlert }

// Wipe clears all data that was typed or shown.
func (s *Opened) Wipe() { s.Opened = client.Opened{} }

// panes reports whether both the plans and the access history can be moved in, so that the focus can switch.
func (s *Opened) panes() bool { return len(s.Opened.Plans) > 1 && len(s.Opened.Accesses) > 0 }

// Commands returns the main and the minor commands of the screen.
func (s *Opened) Commands() (main, minor []act.Command) {
	moves, does := len(s.Opened.Plans) > 1, wordChoosePlan
	if s.HistoryFocused {
		moves, does = len(s.Opened.Accesses) > s.shown, step.WordScroll
	}
	pages := len(s.Opened.Accesses) > s.shown
	main = []act.Command{
		step.Command(step.When(s.Keys.Print, s.Prints), step.Effect(ShowPreview{})),
		s.Patient.FlagCommand(),
	}
	other := step.Command(step.When(step.As(s.Keys.Next, wordOtherPane), s.panes()), func() step.Action {
		s.HistoryFocused = !s.HistoryFocused
		return nil
	})
	other.Keys = slices.Concat(other.Keys, s.Keys.Prev.Keys())
	main = append(append(main, s.Updown(does, moves, s.move)...), other)
	main = append(main, step.Command(step.As(s.Keys.Esc, wordBackToPatient), step.Effect(step.Back{})))
	minor = append([]act.Command{step.Command(s.Keys.Receipt, step.Effect(step.ShowReceipt{}))},
		s.Paging(pages, s.shown, s.scroll)...)
	return main, minor
}

// scroll scrolls the access history. If there was no space for it beside the plan, it first replaces the plan.
func (s *Opened) scroll(n int) {
	if s.shown == 0 {
		s.HistoryFocused = true
		return
	}
	s.from = max(0, min(s.from+n, len(s.Opened.Accesses)-s.shown))
}

// authorities returns the number of authorities with a current plan. All of them have to be rung.
func (s *Opened) authorities() int {
	known := map[string]bool{}
	for _, p := range s.Opened.Plans {
		if !s.ended(p) {
			known[p.Authority] = true
		}
	}
	return len(known)
}

// move moves the selection by n plans, or scrolls the access history.
func (s *Opened) move(n int) {
	if s.HistoryFocused {
		s.scroll(n)
		return
	}
	s.chosen = max(0, min(s.chosen+n, len(s.Opened.Plans)-1))
}

// Failing reports whether the screen shows a failure.
func (s *Opened) Failing() bool {
	return s.Opened.ListErr != nil && !s.Opened.HistoryNotOffered() || s.Patient.FlagFailed()
}
