package tui

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/internal/session"
	"wardlight/rbac"
	"wardlight/tui/card"
	"wardlight/tui/find"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// CardRead takes in what was read ahead of the passcode.
func (m *model) CardRead(msg readAheadMsg) tea.Cmd {
	s, ok := m.top().(*card.Passcode)
	if !ok || msg.ask != m.asked.readAhead {
		return nil
	}
	m.asked.readAhead = 0
	if msg.err != nil {
		m.readers.Failed(msg.err, m.Now())
	}
	m.card, m.diag.cardErr = msg.card, msg.err
	return m.carryOut(s.CardRead(msg.card, msg.err))
}

// waiting is the screen without a card.
func (m *model) waiting(note string) screen { return card.NewWaiting(&m.Common, &m.readers, note) }

// begin takes the card in a reader: the passcode box at once, and what can be read before a passcode meanwhile.
func (m *model) begin(reader, note string) tea.Cmd {
	m.reader = reader
	m.cardLife.Renew(m.ctx)
	m.screens = []screen{card.NewPasscode(&m.Common, &m.pass, note, m.typedAt)}
	return m.askReadAhead()
}

// carded takes in an event of the watcher.
func (m *model) carded(e cardreader.Event) tea.Cmd {
	m.readers.See(e, m.Now())
	switch e.Kind {
	case cardreader.CardInserted:
		note := ""
		if e.Reader == m.reader { // a card we did not see leave
			if m.in != nil {
				note = m.withOpening(wordCardRemovedSession)
			}
			m.Drop(session.CardRemoved, note)
		}
		if m.reader == "" {
			return m.begin(e.Reader, note)
		}
	case cardreader.CardRemoved:
		if e.Reader == m.reader {
			return m.cardGone(wordCardRemoved, wordCardRemovedSession)
		}
	case cardreader.CardUnreadable:
		if e.Reader == m.reader && cardreader.KindOf(e.Err) == cardreader.Mute {
			return m.cardGone(wordCardMute, wordCardMuteSession)
		}
	case cardreader.CardWaiting:
		if s, ok := m.top().(*card.Passcode); ok && e.Reader == m.reader {
			s.HeldUp(e.Err)
		}
	case cardreader.ServiceLost:
		// Nobody would tell us any more that the card is gone.
		if m.reader != "" {
			return m.cardGone("", wordServiceLostSession)
		}
	}
	return nil
}

// cardGone ends everything and waits for a card. The note says whether a session ended with it.
func (m *model) cardGone(note, noteSignedIn string) tea.Cmd {
	if m.in != nil {
		note = m.withOpening(noteSignedIn)
	}
	m.Drop(session.CardRemoved, note)
	if next := m.readers.Next(); next != "" {
		return m.begin(next, note)
	}
	return nil
}

// withOpening is the note of a session's end, with what has to be known of an opening that it cuts off.
func (m *model) withOpening(note string) string {
	s, ok := screenOf[*patient.Screen](m.screens)
	if !ok || m.asked.open == 0 || !s.Notifies {
		return note
	}
	return note + " " + wordOpeningCutOff
}

// canLock reports whether there is a session, or one on its way.
func (m *model) canLock() bool { return m.in != nil || m.asked.signIn != 0 }

// lock ends the session, or the sign-in that is under way. The card is still in, so the passcode box comes next.
func (m *model) lock(why session.Reason, note string) tea.Cmd {
	reader := m.reader
	if !m.canLock() {
		return nil
	}
	note = m.withOpening(note)
	m.Drop(why, note)
	m.typedAt = time.Time{} // what was typed before was not for the box that comes now
	if reader != "" {
		return m.begin(reader, note)
	}
	return nil
}

// Drop ends the session and forgets everything about it and its patient, before the next frame.
func (m *model) Drop(why session.Reason, note string) {
	// End is called here and not by a command: it only starts the revoking, and must come before the next ReadAhead.
	m.cfg.Desk.End(m.ctx, why)
	m.keepHabit()
	m.patientLife.End()
	m.cardLife.End()
	m.asked, m.ticking = asked{}, 0
	m.room.Drop()
	m.wipe()
	for _, s := range m.screens {
		s.Wipe()
	}
	m.presses.Forget()
	m.in, m.role, m.card, m.reader = nil, nil, session.Card{}, ""
	m.diag.cardErr, m.diag.signInErr = nil, nil
	m.Flags.Forget()
	m.screens = []screen{m.waiting(note)}
	if m.dialog != diagnosticsDialog {
		m.dialog = noDialog
	}
}

// quit ends the program; where somebody is signed in or is being signed in, or something would be lost, it asks first.
func (m *model) quit() tea.Cmd {
	if m.canLock() || m.Flags.InMemory > 0 || m.underWay.any() {
		m.dialog = quitDialog
		return nil
	}
	return m.leave()
}

// leave ends the session and the program, with an empty last frame.
func (m *model) leave() tea.Cmd {
	m.Drop(session.Quit, "")
	m.leaving = true
	return tea.Quit
}

// signedIn takes in the answer to a sign-in.
func (m *model) signedIn(msg signedInMsg) tea.Cmd {
	s, ok := screenOf[*card.Passcode](m.screens)
	if !ok || msg.ask != m.asked.signIn {
		return nil
	}
	m.asked.signIn = 0
	if msg.err != nil {
		m.readers.Failed(msg.err, m.Now())
		m.diag.signInErr = msg.err
		if errors.Is(msg.err, session.ErrNoSession) {
			m.diag.signInErr = nil
			s.ReadAgain()
			return m.askReadAhead()
		}
		s.Refused(msg.err)
		m.card = s.Card
		return nil
	}
	in := msg.in
	m.in = &in
	m.lastKey = m.wall()
	s.Wipe()
	ticks := m.startTicks()
	if len(in.Usable) == 1 {
		m.screens = nil
		return tea.Batch(ticks, m.takeRole(in.Usable[0]))
	}
	m.screens = []screen{card.NewRoles(&m.Common, in, m.card)}
	return ticks
}

// takeRole takes the role for all that follows.
func (m *model) takeRole(role rbac.RoleProfile) tea.Cmd {
	if err := m.cfg.Desk.Choose(role.URID); err != nil {
		return m.lock(session.Locked, step.WordSessionGone)
	}
	m.role = &role
	m.screens = append(m.screens, find.NewForm(&m.Common, len(m.in.Usable) > 1, m.habits.of(m.in.Person.UUID)))
	if m.cfg.Worklist.Shelf != nil && m.cfg.Worklist.File != "" {
		return tea.Batch(m.lookForFlags(), m.toWorklist())
	}
	return m.lookForFlags()
}
