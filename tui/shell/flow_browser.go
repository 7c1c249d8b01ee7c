package shell

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
	"wardlight/tui/ask"
	"wardlight/tui/card"
	"wardlight/tui/step"
)

// inBrowser reports whether a sign-in in the browser is in progress.
func (m *Model) inBrowser() bool {
	s, ok := step.ScreenOf[*card.Browser](m.Screens)
	return ok && s.Signing.Pending()
}

// startBrowser shows the screen of a sign-in in the browser and begins it. What was begun with a card is dropped.
func (m *Model) startBrowser() tea.Cmd {
	m.Wipe()
	for _, s := range m.Screens {
		s.Wipe()
	}
	m.Report.Forget()
	m.card, m.Reader, m.candidateReaders = session.Card{}, "", nil
	m.cardScope.Renew(m.ctx)
	s := card.NewBrowser(&m.Common)
	m.Screens = []step.Screen{s}
	return command(s.Signing.Ask(m.cardScope.Ctx, m.Cfg.Sessions.SignInByBrowser))
}

// leaveBrowser ends a sign-in in the browser and returns to the card.
func (m *Model) leaveBrowser() tea.Cmd {
	m.Drop(session.Locked, "")
	return m.startCard("")
}

// handleBrowser handles the answer to a sign-in in the browser.
func (m *Model) handleBrowser(s *card.Browser, a ask.Answer[session.SignedIn]) tea.Cmd {
	if !s.Signing.Accepts(a) {
		return nil
	}
	if a.Err != nil {
		m.Readers.Failed(a.Err, m.Now())
		m.Report.SignInErr = a.Err
		s.Failed(a.Err)
		return nil
	}
	return m.signedIn(a.Value)
}
