package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/client"
)

// openedScreen is an opened alert: the plans, the number to ring now, and who has looked before.
type openedScreen struct {
	*common
	patient *patientScreen
	opened  client.Opened
	chosen  int  // of the plans
	lookers bool // the arrows move in the accesses, not in the plans
	from    int  // first access shown
	shown   int  // accesses that fit, for paging
}

func newOpenedScreen(c *common, p *patientScreen) *openedScreen {
	s := &openedScreen{common: c, patient: p, opened: *p.opened, lookers: len(p.opened.Plans) < 2, shown: 1}
	// The first that runs is shown first: the number to ring is its.
	s.chosen = max(0, slices.IndexFunc(s.opened.Plans, func(p client.Plan) bool { return !s.ended(p) }))
	return s
}

func (s *openedScreen) place() place { return atAlert }

func (s *openedScreen) typing() bool { return false }
func (s *openedScreen) paste(string) {}
func (s *openedScreen) wipe()        { s.opened = client.Opened{} }

// panes reports whether there is more than one pane that the arrows can move in.
func (s *openedScreen) panes() bool { return len(s.opened.Plans) > 1 && len(s.opened.Accesses) > 0 }

func (s *openedScreen) bindings() (main, minor []key.Binding) {
	moves := !s.lookers && len(s.opened.Plans) > 1 || s.lookers && len(s.opened.Accesses) > s.shown
	does := wordChoosePlan
	if s.lookers {
		does = wordScroll
	}
	scroll := as(s.keys.Scroll, does)
	return []key.Binding{
		when(s.keys.Print, s.prints), when(s.keys.Flag, s.patient.canFlag()), when(scroll, moves), as(s.keys.Esc, wordBackToPatient),
		when(as(s.keys.Next, wordOtherPane), s.panes()),
	}, []key.Binding{s.keys.Receipt, when(s.keys.PageUp, s.lookers && moves), when(s.keys.PageDown, s.lookers && moves)}
}

func (s *openedScreen) press(k tea.KeyPressMsg) action {
	switch {
	case key.Matches(k, s.keys.Esc):
		return actBack{}
	case key.Matches(k, s.keys.Flag) && s.patient.canFlag():
		return s.patient.pressFlag(k)
	case key.Matches(k, s.keys.Print) && s.prints:
		return actPreview{}
	case key.Matches(k, s.keys.Receipt):
		return actReceipt{}
	case key.Matches(k, s.keys.Next, s.keys.Prev) && s.panes():
		s.lookers = !s.lookers
	case s.lookers:
		s.scroll(k)
	case key.Matches(k, s.keys.Up):
		s.chosen = max(0, s.chosen-1)
	case key.Matches(k, s.keys.Down):
		s.chosen = max(0, min(len(s.opened.Plans)-1, s.chosen+1))
	}
	return nil
}

// scroll moves the table of accesses.
func (s *openedScreen) scroll(k tea.KeyPressMsg) {
	switch {
	case key.Matches(k, s.keys.Up):
		s.from--
	case key.Matches(k, s.keys.Down):
		s.from++
	case key.Matches(k, s.keys.PageUp):
		s.from -= s.shown
	case key.Matches(k, s.keys.PageDown):
		s.from += s.shown
	}
	s.from = max(0, min(s.from, len(s.opened.Accesses)-s.shown))
}
