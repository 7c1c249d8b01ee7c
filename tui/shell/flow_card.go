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

// handleCard takes in what was read ahead of the passcode.
func (m *Model) handleCard(a ask.Answer[session.Card]) tea.Cmd {
	s, ok := m.Top().(*card.Passcode)
	if !ok || !s.Reading.Accepts(a) {
		return nil
	}
	if several := new(session.SeveralCardsError); errors.As(a.Err, &several) {
		m.Wipe() // what was typed ahead was for one of them, and nobody knows which
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

// withPasscode asks for something at the passcode box, where that is shown.
func (m *Model) withPasscode(asks func(*card.Passcode) tea.Cmd) tea.Cmd {
	s, ok := step.ScreenOf[*card.Passcode](m.Screens)
	if !ok {
		return nil
	}
	return asks(s)
}

// waitingScreen returns the screen without a card.
func (m *Model) waitingScreen(note string) step.Screen {
	return card.NewWaiting(&m.Common, &m.Readers, note)
}

// startCard chooses a card among those that are in: the passcode box at once, and what can be read before a passcode
// meanwhile. Without a card it does nothing.
func (m *Model) startCard(note string) tea.Cmd {
	if len(m.Readers.Present) == 0 {
		return nil
	}
	return m.startCardIn(m.Readers.All(), note)
}

// startCardIn is startCard for some of the readers.
func (m *Model) startCardIn(readers []cardreader.Reader, note string) tea.Cmd {
	m.tried, m.Reader = readers, ""
	if len(readers) == 1 || len(m.Readers.Present) == 1 {
		m.Reader = readers[0].Name
	}
	m.cardScope.Renew(m.ctx)
	s := card.NewPasscode(&m.Common, &m.Pass, note, m.TypedAt)
	s.Among = len(m.Readers.Present)+len(m.Readers.Unreadable) > 1
	m.Screens = []step.Screen{s}
	return m.askReadAhead(s)
}

// choosing reports whether a card is being chosen, or asked for, of which nobody knows yet which it is.
func (m *Model) choosing() bool { return m.Reader == "" && len(m.tried) > 0 }

// noteOr returns what the screen says has happened before, such as the end of a session, and word where it says nothing.
func (m *Model) noteOr(word string) string {
	if s, is := m.Top().(interface{ Note() string }); is && s.Note() != "" {
		return s.Note()
	}
	return word
}

// chooseAgain chooses a card anew, as another one came or went before somebody signed in. What was typed was meant for
// another choice.
func (m *Model) chooseAgain() tea.Cmd {
	m.Wipe()
	m.Report.Forget()
	m.card = session.Card{}
	return m.startCard("")
}

// handleReaderEvent takes in an event of the watcher.
func (m *Model) handleReaderEvent(e cardreader.Event) tea.Cmd {
	m.Readers.See(e, m.Now())
	switch e.Kind {
	case cardreader.CardInserted:
		note := ""
		if e.Reader == m.Reader { // a card we did not see leave
			if m.In != nil {
				note = m.withOpening(wordCardRemovedSession)
			}
			m.Drop(session.CardRemoved, note)
		}
		switch {
		case m.Reader == "" && !m.choosing():
			return m.startCard(note)
		case !m.CanLock(): // nobody has signed in with the card that was chosen
			return m.chooseAgain()
		}
	case cardreader.CardRemoved:
		switch {
		case e.Reader == m.Reader:
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
			s.HeldUp(e.Err)
		}
	case cardreader.ServiceLost:
		// Nobody would tell us any more that the card is gone.
		if m.Reader != "" || m.choosing() {
			return m.dropCard("", wordServiceLostSession)
		}
	}
	return nil
}

// dropCard ends everything and waits for a card. The note says whether a session ended with it.
func (m *Model) dropCard(note, noteSignedIn string) tea.Cmd {
	if m.In != nil {
		note = m.withOpening(noteSignedIn)
	}
	m.Drop(session.CardRemoved, note)
	return m.startCard(note)
}

// withOpening returns the note of a session's end, with what has to be known of an opening that it cuts off.
func (m *Model) withOpening(note string) string {
	s, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !ok || !s.Opening.Pending() || !s.Notifies {
		return note
	}
	return note + " " + wordOpeningCutOff
}

// CanLock reports whether there is a session, or one on its way.
func (m *Model) CanLock() bool { return m.In != nil || m.signingIn() }

// Lock ends the session, or the sign-in that is under way. The card is still in, so the passcode box comes next.
func (m *Model) Lock(why session.Reason, note string) tea.Cmd {
	if !m.CanLock() {
		return nil
	}
	note = m.withOpening(note)
	m.Drop(why, note)
	m.TypedAt = time.Time{} // what was typed before was not for the box that comes now
	return m.startCard(note)
}

// Drop ends the session and forgets everything about it and its patient, before the next frame.
func (m *Model) Drop(why session.Reason, note string) {
	// End is called here and not by a command: it only starts the revoking, and must come before the next ReadAhead.
	m.Cfg.Desk.End(m.ctx, why)
	m.keepSearchPrefs()
	m.cardScope.End()
	m.ticking = 0
	m.Worklist.Drop()
	m.Wipe()
	for _, s := range m.Screens {
		s.Wipe()
	}
	m.presses.Forget()
	m.handed = nil
	if m.In != nil || m.Dialog != DiagnosticsDialog { // why a session ended is not hidden below a list
		m.closeDialog()
	}
	m.In, m.Role, m.card, m.Reader, m.tried = nil, nil, session.Card{}, "", nil
	m.Report.Forget()
	m.Flags.Forget()
	m.Screens = []step.Screen{m.waitingScreen(note)}
}

// quit ends the program; where somebody is signed in or is being signed in, or something would be lost, it asks first.
func (m *Model) quit() tea.Cmd {
	if m.CanLock() || m.Flags.InMemory > 0 || m.UnderWay.any() {
		m.Dialog = QuitDialog
		return nil
	}
	return m.Leave()
}

// Leave ends the session and the program, with an empty last frame.
func (m *Model) Leave() tea.Cmd {
	m.Drop(session.Quit, "")
	m.Leaving = true
	return tea.Quit
}

// handleSignedIn takes in the answer to a sign-in.
func (m *Model) handleSignedIn(a ask.Answer[session.SignedIn]) tea.Cmd {
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
	in := a.Value
	m.In, m.Report.SignInErr = &in, nil
	m.LastKey = m.Wall()
	s.Wipe()
	ticks := m.startTicks()
	if role, only := in.Only(); only {
		m.Screens = nil
		return tea.Batch(ticks, m.takeRole(role))
	}
	m.Screens = []step.Screen{card.NewRoles(&m.Common, in, m.card)}
	return ticks
}

// takeRole takes the role for all that follows.
func (m *Model) takeRole(role rbac.RoleProfile) tea.Cmd {
	if err := m.Cfg.Desk.Choose(role.URID); err != nil {
		return m.Lock(session.Locked, step.WordSessionGone)
	}
	m.Role = &role
	form := find.NewForm(&m.Common, len(m.In.Usable) > 1, m.searchPrefs.of(m.In.Person.UUID))
	form.ActsFor = m.ActsFor()
	m.Screens = append(m.Screens, form)
	if m.Cfg.Worklist.Shelf != nil && m.Cfg.Worklist.File != "" {
		return tea.Batch(m.lookForFlags(), m.toWorklist())
	}
	return m.lookForFlags()
}

// ActsFor returns the organisation of the role, where the user could have meant another one: the card has several roles,
// and the site at the top of the screen names another organisation. Else it returns "". A role that is the only usable one
// was taken silently.
func (m *Model) ActsFor() string {
	if m.Role == nil || len(m.In.Roles) < 2 || m.Role.OrgName == "" || m.Cfg.Site == "" || sameSite(m.Cfg.Site, m.Role.OrgName) {
		return ""
	}
	return m.Role.OrgName
}

// sameSite reports whether a site, "Example General Hospital, ED", is of an organisation: one of the names begins with
// the other, word by word, whatever the case of its letters. What stands behind a comma is a part of the site.
func sameSite(site, organisation string) bool {
	site, _, _ = strings.Cut(site, ",")
	a, b := strings.Fields(strings.ToLower(site)), strings.Fields(strings.ToLower(organisation))
	n := min(len(a), len(b))
	return n > 0 && slices.Equal(a[:n], b[:n])
}

// readAgain chooses a card anew after one that could not sign in.
func (m *Model) readAgain(s *card.Passcode) tea.Cmd {
	m.tried = m.Readers.All()
	return m.askReadAhead(s)
}

// askReadAhead has the card read, or one chosen among several.
func (m *Model) askReadAhead(s *card.Passcode) tea.Cmd {
	desk, readers := m.Cfg.Desk, m.tried
	return command(s.Reading.Ask(m.cardScope.Ctx, func(ctx context.Context) (session.Card, error) {
		return desk.ReadAhead(ctx, readers)
	}))
}

// askSignIn hands the passcode over: after it the model holds none.
func (m *Model) askSignIn(s *card.Passcode) tea.Cmd {
	desk := m.Cfg.Desk
	handed := new(cardreader.Passcode)
	m.Pass.MoveTo(handed)
	return command(s.Signing.Ask(m.cardScope.Ctx, func(ctx context.Context) (session.SignedIn, error) {
		defer handed.Wipe()
		return desk.SignIn(ctx, handed)
	}))
}
