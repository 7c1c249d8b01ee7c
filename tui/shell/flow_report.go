package shell

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/rbac"
	"wardlight/tui/ask"
	"wardlight/tui/find"
	"wardlight/tui/privacy"
	"wardlight/tui/step"
)

// offersReports reports whether the role may make privacy reports, and their screens aren't shown.
func (m *Model) offersReports() bool {
	_, shown := step.ScreenOf[*privacy.Menu](m.Screens)
	return m.Role != nil && !shown && rbac.Decide(*m.Role, rbac.MakePrivacyReport).Allowed
}

// carryOutReport carries out the actions about privacy reports.
func (m *Model) carryOutReport(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case actReports:
		m.toReports()
	case privacy.Choose:
		m.Screens = append(m.Screens, privacy.NewForm(&m.Common, a.Kind))
	case privacy.Make:
		if s, ok := m.Top().(*privacy.Form); ok {
			return m.askReport(s, a.Query)
		}
	}
	return nil
}

// toReports shows the kinds of reports. It drops the patient.
func (m *Model) toReports() {
	for len(m.Screens) > 1 {
		if f, ok := m.Top().(*find.Form); ok {
			f.Asking.Drop()
			break
		}
		m.pop()
	}
	m.Screens = append(m.Screens, privacy.NewMenu(&m.Common))
}

func (m *Model) askReport(s *privacy.Form, q client.ReportQuery) tea.Cmd {
	sessions := m.Cfg.Sessions
	return command(s.Asking.Ask(m.cardScope.Ctx, func(ctx context.Context) (client.Report, error) {
		return sessions.Report(ctx, q)
	}))
}

// handleReport shows a report, or the error of making it.
func (m *Model) handleReport(a ask.Answer[client.Report]) {
	s, ok := m.Top().(*privacy.Form)
	if !ok || !s.Asking.Accepts(a) {
		return
	}
	if a.Err != nil {
		s.Failed(a.Err)
		return
	}
	s.Restart()
	m.Screens = append(m.Screens, privacy.NewResult(&m.Common, a.Value))
}
