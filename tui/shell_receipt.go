package tui

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// carryOutReceipt shows a receipt, and copies it where that is switched on.
func (m *model) carryOutReceipt(a step.Action) tea.Cmd {
	if _, ok := a.(step.ShowReceipt); ok {
		p, found := screenOf[*patientScreen](m.screens)
		if !found {
			return nil
		}
		at := draw.AtPatient
		if _, opened := m.top().(*openedScreen); opened {
			at = draw.AtAlert
		}
		m.screens = append(m.screens, &receiptScreen{Common: &m.Common, patient: p, at: at})
	}
	s, ok := m.top().(*receiptScreen)
	if !ok || !m.Copies {
		return nil
	}
	s.copied = s.line()
	return tea.SetClipboard(s.copied)
}
