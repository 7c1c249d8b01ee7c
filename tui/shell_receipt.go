package tui

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/tui/draw"
)

// carryOutReceipt shows a receipt, and copies it where that is switched on.
func (m *model) carryOutReceipt(a action) tea.Cmd {
	if _, ok := a.(actReceipt); ok {
		p, found := screenOf[*patientScreen](m.screens)
		if !found {
			return nil
		}
		at := draw.AtPatient
		if _, opened := m.top().(*openedScreen); opened {
			at = draw.AtAlert
		}
		m.screens = append(m.screens, &receiptScreen{common: &m.common, patient: p, at: at})
	}
	s, ok := m.top().(*receiptScreen)
	if !ok || !m.copies {
		return nil
	}
	s.copied = s.line()
	return tea.SetClipboard(s.copied)
}
