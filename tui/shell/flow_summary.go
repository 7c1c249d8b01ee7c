package shell

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/patient"
	"wardlight/tui/step"
	"wardlight/tui/summary"
)

// carryOutSummary carries out the actions about Summary Care Records.
func (m *Model) carryOutSummary(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case patient.AskSummary:
		if s, ok := m.Top().(*patient.Screen); ok && s.CanAskSummary() {
			m.Screens = append(m.Screens, summary.NewAsk(&m.Common, s, s.Number, *m.Role))
		}
	case summary.View:
		if s, ok := m.Top().(*summary.Ask); ok && !s.Asking.Pending() {
			return m.askSummary(s, a.SummaryView)
		}
	case summary.Print:
		return m.previewSummary()
	}
	return nil
}

// previewSummary shows the printout of the whole summary on the screen. Printing must be enabled for summaries.
func (m *Model) previewSummary() tea.Cmd {
	s, onTop := m.Top().(*summary.Pane)
	p, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !onTop || !ok || !m.PrintsSummaries {
		return nil
	}
	got, available := s.Summary()
	if !available {
		return nil
	}
	sheet := m.patientSheet(p)
	sheet.Summary, sheet.DestroyAfter = &got, m.Cfg.DestroyAfter
	return m.show(alert.NewPreview(&m.Common, p, sheet, m.Printer))
}

func (m *Model) askSummary(s *summary.Ask, v client.SummaryView) tea.Cmd {
	sessions, n := m.Cfg.Sessions, s.Number
	return command(s.Asking.Ask(m.cardScope.Ctx, func(ctx context.Context) (client.Summary, error) {
		return sessions.ViewSummary(ctx, n, v), nil
	}))
}

// handleSummary shows a summary, or why there is none, instead of the question. The next view asks again.
func (m *Model) handleSummary(a ask.Answer[client.Summary]) {
	s, ok := m.Top().(*summary.Ask)
	if !ok || !s.Asking.Accepts(a) {
		return
	}
	got := a.Value
	if got.Number != s.Number {
		got = client.UnviewedSummary(s.Number, &client.Error{
			Kind:      client.SummaryOtherPatient,
			RequestID: got.RequestID,
		})
	}
	patient := s.Subject
	m.pop()
	m.Screens = append(m.Screens, summary.NewPane(&m.Common, patient, got))
}
