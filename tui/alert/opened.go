// Package alert is the step after an alert was opened: its plans, whom to ring now, who has looked, and the paper.
package alert

import (
	"slices"

	"wardlight/client"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Patient is whom an opened alert is about, as far as its screens need it.
type Patient interface {
	Banner(w int) draw.Pane
	Heading() string           // who it is, in few words
	FlagCommand() act.Command  // sets the flag in the record system
	FlagOffer(w int) draw.Pane // what that does, where it can be done
	FlagNews(w int) draw.Pane  // what became of it
	Unscheduled() bool         // the care setting: an opening is recorded and notified
	FlagFailed() bool
}

// Opened is an opened alert: the plans, the number to ring now, and who has looked before.
type Opened struct {
	*step.Common
	step.Unfocused
	Patient Patient
	Opened  client.Opened
	chosen  int  // of the plans
	Lookers bool // the arrows move in the accesses, not in the plans
	from    int  // first access shown
	shown   int  // accesses that fit, for paging; 0 where there is no room for the table beside the plan
}

// NewOpened returns the screen of an alert that was opened.
func NewOpened(c *step.Common, p Patient, opened client.Opened) *Opened {
	s := &Opened{Common: c, Patient: p, Opened: opened, Lookers: len(opened.Plans) < 2, shown: 1}
	// The first that runs is shown first: the number to ring is its.
	s.chosen = max(0, slices.IndexFunc(s.Opened.Plans, func(p client.Plan) bool { return !s.ended(p) }))
	return s
}

// Place returns where the screen stands between the search and the opened alert.
func (s *Opened) Place() draw.Place { return draw.AtAlert }

// Wipe drops what was typed and shown.
func (s *Opened) Wipe() { s.Opened = client.Opened{} }

// panes reports whether there is more than one pane that the arrows can move in.
func (s *Opened) panes() bool { return len(s.Opened.Plans) > 1 && len(s.Opened.Accesses) > 0 }

// Commands returns what can be done here.
func (s *Opened) Commands() (main, minor []act.Command) {
	moves, does := len(s.Opened.Plans) > 1, wordChoosePlan
	if s.Lookers {
		moves, does = len(s.Opened.Accesses) > s.shown, step.WordScroll
	}
	pages := len(s.Opened.Accesses) > s.shown
	main = []act.Command{step.Command(step.When(s.Keys.Print, s.Prints), step.Effect(ShowPreview{})), s.Patient.FlagCommand()}
	other := step.Command(step.When(step.As(s.Keys.Next, wordOtherPane), s.panes()), func() step.Action { s.Lookers = !s.Lookers; return nil })
	other.Keys = slices.Concat(other.Keys, s.Keys.Prev.Keys())
	main = append(append(main, s.Updown(does, moves, s.move)...), other)
	main = append(main, step.Command(step.As(s.Keys.Esc, wordBackToPatient), step.Effect(step.Back{})))
	minor = append([]act.Command{step.Command(s.Keys.Receipt, step.Effect(step.ShowReceipt{}))}, s.Paging(pages, s.shown, s.scroll)...)
	return main, minor
}

// scroll scrolls the table of accesses; where there was no room for it beside the plan, it takes the plan's place first.
func (s *Opened) scroll(n int) {
	if s.shown == 0 {
		s.Lookers = true
		return
	}
	s.from = max(0, min(s.from+n, len(s.Opened.Accesses)-s.shown))
}

// authorities returns how many authorities have a plan that runs now: each is rung.
func (s *Opened) authorities() int {
	known := map[string]bool{}
	for _, p := range s.Opened.Plans {
		if !s.ended(p) {
			known[p.Authority] = true
		}
	}
	return len(known)
}

// move chooses a plan n rows on, or scrolls the table of accesses.
func (s *Opened) move(n int) {
	if s.Lookers {
		s.scroll(n)
		return
	}
	s.chosen = max(0, min(s.chosen+n, len(s.Opened.Plans)-1))
}

// Failing reports whether the screen shows a failure.
func (s *Opened) Failing() bool { return s.Opened.ListErr != nil || s.Patient.FlagFailed() }
