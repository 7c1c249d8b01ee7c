package shell

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/tui/alert"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// carryOutReceipt shows a receipt, and copies it to the clipboard if that is enabled.
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
	if !ok || !m.Copies {
		return nil
	}
	s.Copied = s.Line()
	return tea.SetClipboard(s.Copied)
}
