package shell

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/internal/session"
	"wardlight/rbac"
	"wardlight/tui/ask"
	"wardlight/tui/card"
	"wardlight/tui/find"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// handleCard handles what was read from the card, or the choice between several cards.
func (m *Model) handleCard(a ask.Answer[session.Card]) tea.Cmd {
	s, ok := m.Top().(*card.Passcode)
	if !ok || !s.Reading.Accepts(a) {
		return nil
	}
	if several := new(session.SeveralCardsError); errors.As(a.Err, &several) {
		m.Wipe() // the passcode typed so far may be for any of them
		m.Screens = []step.Screen{card.NewWhich(&m.Common, several.Cards, s.Note())}
		return nil
	}
	if a.Err != nil {
		m.Readers.Failed(a.Err, m.Now())
	}
	if a.Value.Slot != "" {
		m.Reader = a.Value.Slot
	}
	m.card, m.Report.CardErr = a.Value, a.Err
	return m.CarryOut(s.CardRead(a.Value, a.Err))
}

// withPasscode calls asks with the passcode screen, if it is shown.
func (m *Model) withPasscode(asks func(*card.Passcode) tea.Cmd) tea.Cmd {
	s, ok := step.ScreenOf[*card.Passcode](m.Screens)
	if !ok {
		return nil
	}
	return asks(s)
}

// waitingScreen returns the screen that is shown without a card.
func (m *Model) waitingScreen(note string) step.Screen {
	return card.NewWaiting(&m.Common, &m.Readers, note)
}

// startCard shows the passcode screen at once and starts to read the cards, to choose one. Without a card it does
// nothing.
func (m *Model) startCard(note string) tea.Cmd {
	if len(m.Readers.Present) == 0 {
		return nil
	}
	return m.startCardIn(m.Readers.All(), note)
}

// startCardIn is like startCard, for the given readers.
func (m *Model) startCardIn(readers []cardreader.Reader, note string) tea.Cmd {
	m.candidateReaders, m.Reader = readers, ""
	if len(readers) == 1 || len(m.Readers.Present) == 1 {
		m.Reader = readers[0].Name
	}
	m.cardScope.Renew(m.ctx)
	s := card.NewPasscode(&m.Common, &m.Pass, note, m.TypedAt)
	s.Among = len(m.Readers.Present)+len(m.Readers.Unreadable) > 1
	m.Screens = []step.Screen{s}
	return m.askReadAhead(s)
}

// choosing reports whether several readers are being read and it is not yet known which card is used.
func (m *Model) choosing() bool { return m.Reader == "" && len(m.candidateReaders) > 0 }

// noteOr returns the current screen's note about the past, such as the end of a session. It returns word if there is
// none.
func (m *Model) noteOr(word string) string {
	if s, is := m.Top().(interface{ Note() string }); is && s.Note() != "" {
		return s.Note()
	}
	return word
}

// chooseAgain chooses a card again, because a card was inserted or removed before the sign-in. The typed passcode is
// wiped, because it was meant for another choice.
func (m *Model) chooseAgain() tea.Cmd {
	m.Wipe()
	m.Report.Forget()
	m.card = session.Card{}
	return m.startCard("")
}

// handleReaderEvent handles an event of the card watcher.
func (m *Model) handleReaderEvent(e cardreader.Event) tea.Cmd {
	m.Readers.Update(e, m.Now())
	if s, ok := m.Top().(*card.Browser); ok && (s.Signing.Pending() || e.Kind != cardreader.CardInserted) {
		return nil // the browser may be using the card for its sign-in
	}
	if m.In != nil && m.In.ByBrowser && e.Kind != cardreader.CardRemoved {
		return nil // no card of this session; removing one ends it, because the user leaves
	}

	switch e.Kind {
	case cardreader.CardInserted:
		note := ""
		if e.Reader == m.Reader { // the event of its removal was missed
			if m.In != nil {
				note = m.noteWithOpening(wordCardRemovedSession)
			}
			m.Drop(session.CardRemoved, note)
		}
		switch {
		case m.Reader == "" && !m.choosing():
			return m.startCard(note)
		case !m.CanLock(): // nobody is signed in with the chosen card
			return m.chooseAgain()
		}
	case cardreader.CardRemoved:
		switch {
		case e.Reader == m.Reader, m.In != nil && m.In.ByBrowser:
			return m.dropCard(wordCardRemoved, wordCardRemovedSession)
		case m.choosing():
			return m.dropCard(m.noteOr(wordCardRemoved), "")
		}
	case cardreader.CardUnreadable:
		mute := cardreader.KindOf(e.Err) == cardreader.Mute
		switch {
		case e.Reader == m.Reader && mute:
			return m.dropCard(wordCardMute, wordCardMuteSession)
		case m.choosing() && mute:
			return m.dropCard(m.noteOr(wordCardMute), "")
		}
	case cardreader.CardWaiting:
		if s, ok := m.Top().(*card.Passcode); ok && (e.Reader == m.Reader || m.choosing()) {
			s.SetBlocked(e.Err)
		}
	case cardreader.ServiceLost:
		// Without the service, the removal of the card would not be noticed.
		if m.Reader != "" || m.choosing() {
			return m.dropCard("", wordServiceLostSession)
		}
	}

	return nil
}

// dropCard ends the session and waits for a card. The note shown is noteSignedIn if somebody was signed in, and note
// otherwise.
func (m *Model) dropCard(note, noteSignedIn string) tea.Cmd {
	if m.In != nil {
		note = m.noteWithOpening(noteSignedIn)
	}
	m.Drop(session.CardRemoved, note)
	return m.startCard(note)
}

// noteWithOpening adds to the note of a session's end what the user has to know if an opening was in progress.
func (m *Model) noteWithOpening(note string) string {
	s, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !ok || !s.Opening.Pending() || !s.Notifies {
		return note
	}
	return note + " " + wordOpeningCutOff
}

// CanLock reports whether there is a session or a sign-in in progress.
func (m *Model) CanLock() bool { return m.In != nil || m.signingIn() }

// Lock ends the session or the sign-in in progress. The card is still in, so the passcode screen is shown next.
func (m *Model) Lock(why session.Reason, note string) tea.Cmd {
	if !m.CanLock() {
		return nil
	}
	note = m.noteWithOpening(note)
	m.Drop(why, note)
	m.TypedAt = time.Time{} // characters typed before are not part of the new passcode
	return m.startCard(note)
}

// Drop ends the session and drops all data of it and its patient before the next frame.
func (m *Model) Drop(why session.Reason, note string) {
	// The calls for this card are cancelled first, so that one that has not begun yet does nothing. End is called
	// directly and not by a command: it does not block, and must precede the next ReadAhead.
	m.cardScope.End()
	m.Cfg.Sessions.End(m.ctx, why)
	m.saveSearchPrefs()
	m.ticking = 0
	m.Worklist.Drop()
	m.Wipe()
	for _, s := range m.Screens {
		s.Wipe()
	}
	m.presses.Reset()
	m.handed = nil
	if m.In != nil || m.Dialog != DiagnosticsDialog { // the diagnostics must not hide why a session ended
		m.closeDialog()
	}
	m.In, m.Role, m.card, m.Reader, m.candidateReaders = nil, nil, session.Card{}, "", nil
	m.Report.Forget()
	m.Flags.Reset()
	m.Screens = []step.Screen{m.waitingScreen(note)}
}

// quit ends the program. If somebody is signed in or signing in, or something would be lost, it asks for confirmation
// first.
func (m *Model) quit() tea.Cmd {
	if m.CanLock() || m.Flags.InMemory > 0 || m.UnderWay.any() {
		m.Dialog = QuitDialog
		return nil
	}
	return m.Leave()
}

// Leave ends the session and the program. The last frame is empty.
func (m *Model) Leave() tea.Cmd {
	m.Drop(session.Quit, "")
	m.Leaving = true
	return tea.Quit
}

// handleSignedIn handles the answer to a sign-in.
func (m *Model) handleSignedIn(a ask.Answer[session.SignedIn]) tea.Cmd {
	if s, ok := step.ScreenOf[*card.Browser](m.Screens); ok {
		return m.handleBrowser(s, a)
	}
	s, ok := step.ScreenOf[*card.Passcode](m.Screens)
	if !ok || !s.Signing.Accepts(a) {
		return nil
	}

	if a.Err != nil {
		m.Readers.Failed(a.Err, m.Now())
		m.Report.SignInErr = a.Err
		if errors.Is(a.Err, session.ErrNoSession) {
			m.Report.SignInErr = nil
			s.ReadAgain()
			return m.askReadAhead(s)
		}
		s.Refused(a.Err)
		m.card = s.Card
		return nil
	}

	s.Wipe()
	return m.signedIn(a.Value)
}

// signedIn begins the session of a user: it chooses the only usable role, or shows the roles.
func (m *Model) signedIn(in session.SignedIn) tea.Cmd {
	m.In, m.Report.SignInErr = &in, nil
	m.LastKey = m.WallTime()
	ticks := m.startTicks()
	if role, only := in.Only(); only {
		m.Screens = nil
		return tea.Batch(ticks, m.chooseRole(role))
	}

	m.Screens = []step.Screen{card.NewRoles(&m.Common, in, m.card)}
	return ticks
}

// chooseRole chooses the role and shows the search form.
func (m *Model) chooseRole(role rbac.RoleProfile) tea.Cmd {
	if err := m.Cfg.Sessions.Choose(role.URID); err != nil {
		return m.Lock(session.Locked, step.WordSessionGone)
	}
	m.Role = &role
	form := find.NewForm(&m.Common, len(m.In.Usable) > 1, m.searchPrefs.of(m.In.Person.UUID))
	form.ActsFor = m.ActsFor()
	m.Screens = append(m.Screens, form)
	if m.Cfg.Worklist.Store != nil && m.Cfg.Worklist.File != "" {
		return tea.Batch(m.lookForFlags(), m.toWorklist())
	}
	return m.lookForFlags()
}

// ActsFor returns the organisation of the role if the user could expect another one: the person has several roles, and
// the site at the top of the screen has another name. Otherwise it returns "". A role that is the only usable one is
// chosen without a question, so the user has not seen its organisation.
func (m *Model) ActsFor() string {
	if m.Role == nil || len(m.In.Roles) < 2 || m.Role.OrgName == "" || m.Cfg.Site == "" ||
		sameSite(m.Cfg.Site, m.Role.OrgName) {
		return ""
	}
	return m.Role.OrgName
}

// sameSite reports whether a site such as "Example General Hospital, ED" belongs to an organisation: one of the names
// begins with all words of the other, ignoring case. Text after a comma is ignored.
func sameSite(site, organisation string) bool {
	site, _, _ = strings.Cut(site, ",")
	a, b := strings.Fields(strings.ToLower(site)), strings.Fields(strings.ToLower(organisation))
	n := min(len(a), len(b))
	return n > 0 && slices.Equal(a[:n], b[:n])
}

// readAgain chooses a card again after one that could not sign in.
func (m *Model) readAgain(s *card.Passcode) tea.Cmd {
	m.candidateReaders = m.Readers.All()
	return m.askReadAhead(s)
}

// askReadAhead reads the cards in m.tried and chooses one.
func (m *Model) askReadAhead(s *card.Passcode) tea.Cmd {
	sessions, readers := m.Cfg.Sessions, m.candidateReaders
	return command(s.Reading.Ask(m.cardScope.Ctx, func(ctx context.Context) (session.Card, error) {
		return sessions.ReadAhead(ctx, readers)
	}))
}

// askSignIn signs in. It moves the passcode out of the model.
func (m *Model) askSignIn(s *card.Passcode) tea.Cmd {
	sessions := m.Cfg.Sessions
	handed := new(cardreader.Passcode)
	m.Pass.MoveTo(handed)
	return command(s.Signing.Ask(m.cardScope.Ctx, func(ctx context.Context) (session.SignedIn, error) {
		defer handed.Wipe()
		return sessions.SignIn(ctx, handed)
	}))
}
