package shell

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/receiptfile"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// carryOutReceipt shows a receipt, and copies it to the clipboard if that is enabled, or saves it in a file.
func (m *Model) carryOutReceipt(a step.Action) tea.Cmd {
	if _, ok := a.(step.ShowReceipt); ok {
		p, found := step.ScreenOf[*patient.Screen](m.Screens)
		if !found {
			return nil
		}
		at := draw.AtPatient
		if _, opened := m.Top().(*alert.Opened); opened {
			at = draw.AtAlert
		}
		m.Screens = append(m.Screens, &patient.Receipt{Common: &m.Common, Patient: p, At: at})
	}
	s, ok := m.Top().(*patient.Receipt)
	if !ok {
		return nil
	}
	if save, ok := a.(patient.SaveReceipt); ok {
		return m.saveReceipt(s, save.RequestID)
	}
	if !m.Copies {
		return nil
	}
	s.Copied = s.Line()
	return tea.SetClipboard(s.Copied)
}

// saveReceipt requests the receipt of a check or an opening, and saves it in a file. A receipt that arrives after the
// screen was left, or the session has ended, is not saved.
func (m *Model) saveReceipt(s *patient.Receipt, requestID string) tea.Cmd {
	sessions, save := m.Cfg.Sessions, m.Cfg.SaveReceipt
	if save == nil || s.Saving.Pending() {
		return nil
	}
	return command(s.Saving.Ask(m.cardScope.Ctx, func(ctx context.Context) (patient.SavedReceipt, error) {
		saved := patient.SavedReceipt{RequestID: requestID}
		r, err := sessions.Receipt(ctx, requestID)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return saved, receiptfile.ErrorOf(err, requestID)
		}
		saved.File, err = save(r)
		return saved, err
	}))
}

// handleSavedReceipt shows where a receipt was saved, or why it was not.
func (m *Model) handleSavedReceipt(a ask.Answer[patient.SavedReceipt]) {
	if s, ok := m.Top().(*patient.Receipt); ok && s.Saving.Accepts(a) {
		s.ShowSaved(a.Value, a.Err)
	}
}
