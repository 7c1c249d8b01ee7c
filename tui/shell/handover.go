package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/handover"
	"wardlight/tui/alert"
	"wardlight/tui/find"
	"wardlight/tui/step"
)

// NextHandOver returns a command that waits for the next hand-over.
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

// HandOver shows the patient whose NHS number was handed over, and replies to r. It does the same as the key for the
// next patient and then typing the number. It opens nothing, and does not restart the idle time. unfinished is whether
// the user has unfinished input that would be lost. HandOver reports whether the patient is being looked for; a
// refused request changes nothing.
func (m *Model) HandOver(r handover.Request, unfinished bool) (cmd tea.Cmd, taken bool) {
	if r.Abandoned() {
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
	m.presses.MarkAll(m.Now())
	cmd = m.CarryOut(form.TakeNumber(r.Number))
	m.handed = m.Top()
	r.Reply(nil)
	return cmd, true
}

// refuses returns why no patient can be handed over now, or nil.
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

// unfinished reports whether leaving the current screen would lose the user's input.
func (m *Model) unfinished() bool {
	s, ok := m.Top().(step.Unfinished)
	return ok && s.Unfinished()
}
