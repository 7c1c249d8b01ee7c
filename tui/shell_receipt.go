package tui

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/tui/alert"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// carryOutReceipt shows a receipt, and copies it where that is switched on.
func (m *model) carryOutReceipt(a step.Action) tea.Cmd {
	if _, ok := a.(step.ShowReceipt); ok {
		p, found := screenOf[*patient.Screen](m.screens)
		if !found {
			return nil
		}
		at := draw.AtPatient
		if _, opened := m.top().(*alert.Opened); opened {
			at = draw.AtAlert
		}
		m.screens = append(m.screens, &patient.Receipt{Common: &m.Common, Patient: p, At: at})
	}
	s, ok := m.top().(*patient.Receipt)
	if !ok || !m.Copies {
		return nil
	}
	s.Copied = s.Line()
	return tea.SetClipboard(s.Copied)
}
