package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/handover"
	"wardlight/tui/alert"
	"wardlight/tui/find"
	"wardlight/tui/step"
)

// NextHandOver waits for the next patient who is handed over.
func (m *Model) NextHandOver() tea.Cmd {
	requests := m.Cfg.HandOver
	if requests == nil {
		return nil
	}
	ctx := m.ctx
	return func() tea.Msg {
		select {
		case r, ok := <-requests:
			if !ok {
				return nil
			}
			return HandOverMsg{r}
		case <-ctx.Done():
			return nil
		}
	}
}

// HandOver looks for the patient whose number was handed over, as the key for the next patient and Enter in the field
// of the NHS number do, and replies. It opens nothing, and it is no key press: the idle lock comes when it would have
// come. unfinished says that the user has begun something which that would lose. It reports whether the patient is
// being looked for; a request that is refused changes nothing.
func (m *Model) HandOver(r handover.Request, unfinished bool) (cmd tea.Cmd, taken bool) {
	if r.Gone() {
		return nil, false
	}
	if m.Idle() {
		r.Reply(&handover.Error{Kind: handover.NotSignedIn})
		return m.LockIdle(), false
	}
	if refused := m.refuses(unfinished); refused != nil {
		r.Reply(refused)
		return nil, false
	}
	m.toFind(true)
	form, ok := m.Top().(*find.Form)
	if !ok {
		r.Reply(&handover.Error{Kind: handover.Failed})
		return nil, false
	}
	m.TypedAt = time.Time{}
	m.presses.Disturb(m.Now())
	cmd = m.CarryOut(form.TakeNumber(r.Number))
	m.handed = m.Top()
	r.Reply(nil)
	return cmd, true
}

// refuses returns why no patient can be handed over now; nil where one can.
func (m *Model) refuses(unfinished bool) *handover.Error {
	var kind handover.Kind
	_, printing := step.ScreenOf[*alert.Preview](m.Screens)
	switch {
	case m.Leaving, m.In == nil:
		kind = handover.NotSignedIn
	case len(m.In.Usable) == 0:
		kind = handover.WrongRole
	case m.Role == nil:
		kind = handover.NoRole
	case m.Dialog != NoDialog:
		kind = handover.Dialog
	case m.busy() && printing:
		kind = handover.Printing
	case m.busy():
		kind = handover.Opening
	case m.small():
		kind = handover.Small
	case unfinished:
		kind = handover.Typed
	default:
		return nil
	}
	return &handover.Error{Kind: kind}
}

// unfinished reports whether the user has begun something on the screen that leaving it would lose.
func (m *Model) unfinished() bool {
	s, ok := m.Top().(step.Unfinished)
	return ok && s.Unfinished()
}
