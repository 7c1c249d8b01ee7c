package shell

import (
	"context"
	"errors"

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
		form := privacy.NewForm(&m.Common, a.Kind)
		m.Screens = append(m.Screens, form)
		if a.Kind == privacy.KindAlerts {
			return m.carryOutReport(form.Make())
		}
	case privacy.Make:
		if s, ok := m.Top().(*privacy.Form); ok {
			return m.askReport(s, a.Query)
		}
	case privacy.List:
		return m.listAlerts(a.Query, "")
	case privacy.ShowAlert:
		m.Screens = append(m.Screens, privacy.NewAlert(&m.Common, a.Alert))
	case privacy.AskNote:
		m.Screens = append(m.Screens, privacy.NewClose(&m.Common, a.Alert))
	case privacy.CloseAlert:
		if s, ok := m.Top().(*privacy.Close); ok && !s.Asking.Pending() {
			return m.askClose(s, a)
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
	m.Screens = append(m.Screens, privacy.NewMenu(&m.Common, *m.Role))
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

// listAlerts returns to the form for privacy alerts and requests the list. notice is shown with it, unless it is "".
func (m *Model) listAlerts(q client.AlertQuery, notice string) tea.Cmd {
	s, ok := step.ScreenOf[*privacy.Form](m.Screens)
	if !ok {
		return nil
	}
	for m.Top() != step.Screen(s) {
		m.pop()
	}
	s.Failed(nil)
	s.ShowClosed, s.Notice = q.All, notice
	sessions := m.Cfg.Sessions
	return command(s.Listing.Ask(m.cardScope.Ctx, func(ctx context.Context) (client.PrivacyAlerts, error) {
		return sessions.PrivacyAlerts(ctx, q)
	}))
}

// handleAlerts shows a list of privacy alerts, or the error of requesting it.
func (m *Model) handleAlerts(a ask.Answer[client.PrivacyAlerts]) {
	s, ok := m.Top().(*privacy.Form)
	if !ok || !s.Listing.Accepts(a) {
		return
	}
	if a.Err != nil {
		s.Failed(a.Err)
		return
	}
	m.Screens = append(m.Screens, privacy.NewAlerts(&m.Common, a.Value, s.Notice))
}

func (m *Model) askClose(s *privacy.Close, a privacy.CloseAlert) tea.Cmd {
	sessions := m.Cfg.Sessions
	return command(s.Asking.Ask(m.cardScope.Ctx, func(ctx context.Context) (client.PrivacyAlert, error) {
		return sessions.CloseAlert(ctx, a.ID, a.Note)
	}))
}

// handleClosed shows a closed alert, or why it was not closed. If somebody else has closed it, the list is requested
// again.
func (m *Model) handleClosed(a ask.Answer[client.PrivacyAlert]) tea.Cmd {
	s, ok := m.Top().(*privacy.Close)
	if !ok || !s.Asking.Accepts(a) {
		return nil
	}
	list, listed := step.ScreenOf[*privacy.Alerts](m.Screens)
	shown, isShown := step.ScreenOf[*privacy.Alert](m.Screens)
	switch {
	case !listed || !isShown:
	case errors.Is(a.Err, &client.Error{Kind: client.AlertClosed}):
		sentence, _, _ := step.Explain(a.Err)
		return m.listAlerts(list.Query(), sentence)
	case a.Err != nil:
		s.Failed(a.Err)
	default:
		m.pop()
		list.Replace(a.Value)
		shown.Replace(a.Value)
	}
	return nil
}
