package tui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/rbac"
)

// carryOut does what a screen asks for.
func (m *model) carryOut(a action) tea.Cmd {
	switch a := a.(type) {
	case actSignIn:
		return m.askSignIn()
	case actReadAgain:
		return m.askReadAhead()
	case actTakeRole:
		return m.takeRole(a.role)
	case actFind:
		return m.askFind(a.query)
	case actRetrieve:
		return m.retrieve(a.number)
	case actAskAgain:
		return m.askAgain()
	case actOpen:
		return m.open()
	case actShowOpened:
		m.showOpened()
	case actBack:
		m.back()
	case actNextPatient:
		m.toFind(true)
	case actToFind:
		m.toFind(false)
	}
	return nil
}

// signedIn takes in the answer to a sign-in.
func (m *model) signedIn(msg signedInMsg) tea.Cmd {
	s, ok := screenOf[*passcodeScreen](m.screens)
	if !ok || msg.ask != m.asked.signIn {
		return nil
	}
	m.asked.signIn = 0
	if msg.err != nil {
		m.readers.failed(msg.err, m.now())
		if errors.Is(msg.err, session.ErrNoSession) {
			s.readAgain()
			return m.askReadAhead()
		}
		s.refused(msg.err)
		m.card = s.card
		return nil
	}
	in := msg.in
	m.in = &in
	m.lastKey = m.wall()
	s.wipe()
	ticks := m.startTicks()
	if len(in.Usable) == 1 {
		m.screens = nil
		return tea.Batch(ticks, m.takeRole(in.Usable[0]))
	}
	m.screens = []screen{newRoleScreen(&m.common, in, m.card)}
	return ticks
}

// takeRole takes the role for all that follows.
func (m *model) takeRole(role rbac.RoleProfile) tea.Cmd {
	if err := m.cfg.Desk.Choose(role.URID); err != nil {
		return m.lock(session.Locked, wordSessionGone)
	}
	m.role = &role
	m.screens = append(m.screens, newFindScreen(&m.common, len(m.in.Usable) > 1))
	return nil
}

// found takes in the answer to a search.
func (m *model) found(msg foundMsg) tea.Cmd {
	s, ok := m.top().(*findScreen)
	if !ok || msg.ask != m.asked.find {
		return nil
	}
	m.asked.find = 0
	if s.answered(msg.found, msg.err); msg.err != nil || msg.found.TooMany || len(msg.found.Rows) == 0 {
		return nil
	}
	m.screens = append(m.screens, newResultsScreen(&m.common, s.searched(), msg.found.Rows))
	return nil
}

// retrieve goes to a patient: the record and the lamp are asked for at the same time.
func (m *model) retrieve(n nhs.Number) tea.Cmd {
	m.patientLife.renew(m.cardLife.ctx)
	m.screens = append(m.screens, newPatientScreen(&m.common, n, *m.role))
	return tea.Batch(m.askRecord(n), m.askLamp(n))
}

// recorded takes in a record.
func (m *model) recorded(msg recordMsg) tea.Cmd {
	s, ok := screenOf[*patientScreen](m.screens)
	if !ok || msg.ask != m.asked.record {
		return nil
	}
	m.asked.record = 0
	if msg.err == nil && msg.patient.Number != msg.number && msg.patient.AskedFor != msg.number {
		msg.err = &client.Error{Kind: client.Rubbish, Detail: wordOtherRecord}
	}
	if msg.err != nil {
		if find, ok := m.cameFromFind(); ok && isAboutNumber(msg.err) {
			m.back()
			find.numberRefused(msg.err)
			return nil
		}
		s.recordFailed(msg.err)
		return nil
	}
	s.showRecord(msg.patient)
	if msg.patient.Number != msg.number {
		// Superseded: a lamp asked for by the old number says nothing of the patient's record.
		s.lampAsked()
		return m.askLamp(msg.patient.Number)
	}
	return nil
}

// cameFromFind is the find screen, when it is right below the one shown.
func (m *model) cameFromFind() (*findScreen, bool) {
	if len(m.screens) < 2 {
		return nil, false
	}
	s, ok := m.screens[len(m.screens)-2].(*findScreen)
	return s, ok
}

// isAboutNumber reports whether the hub's answer is one about the NHS number that was typed.
func isAboutNumber(err error) bool {
	for _, k := range []client.Kind{client.NotFound, client.Invalidated, client.BadRequest} {
		if errors.Is(err, &client.Error{Kind: k}) {
			return true
		}
	}
	return false
}

// lampCame takes in a lamp.
func (m *model) lampCame(msg lampMsg) tea.Cmd {
	s, ok := screenOf[*patientScreen](m.screens)
	if !ok || msg.ask != m.asked.lamp {
		return nil
	}
	m.asked.lamp = 0
	if known := msg.lamp.State == client.Alert || msg.lamp.State == client.NoneRecorded; known && msg.lamp.Number != msg.number {
		msg.lamp = client.Lamp{
			Number: msg.number, State: client.CouldNotCheck, RequestID: msg.lamp.RequestID,
			Err: &client.Error{Kind: client.Rubbish, Detail: wordOtherLamp},
		}
	}
	s.showLamp(msg.lamp)
	return nil
}

// askAgain asks for the record, the lamp or both, as far as they are not there and not being asked.
func (m *model) askAgain() tea.Cmd {
	s, ok := m.top().(*patientScreen)
	if !ok {
		return nil
	}
	var cmds []tea.Cmd
	if s.recordErr != nil {
		s.recordAsked()
		cmds = append(cmds, m.askRecord(s.number))
	}
	if m.asked.lamp == 0 {
		s.lampAsked()
		cmds = append(cmds, m.askLamp(s.number))
	}
	return tea.Batch(cmds...)
}

// open opens the alert.
func (m *model) open() tea.Cmd {
	s, ok := m.top().(*patientScreen)
	if !ok || m.asked.open != 0 {
		return nil
	}
	s.opening = true
	return m.askOpen(s.number)
}

// openedCame takes in the answer to an opening.
func (m *model) openedCame(msg openedMsg) tea.Cmd {
	s, ok := screenOf[*patientScreen](m.screens)
	if !ok || msg.ask != m.asked.open {
		return nil
	}
	m.asked.open = 0
	if msg.err == nil && msg.opened.Number != msg.number {
		msg.err = &client.Error{Kind: client.Rubbish, Detail: wordOtherOpened, Unsettled: s.notifies}
	}
	if msg.err != nil {
		s.openFailed(msg.err)
		return nil
	}
	s.openedWith(msg.opened)
	m.showOpened()
	return nil
}

func (m *model) showOpened() {
	if s, ok := m.top().(*patientScreen); ok && s.opened != nil {
		m.screens = append(m.screens, newOpenedScreen(&m.common, s))
	}
}

// back leaves the screen for the one before it. What was being asked for is asked no more.
func (m *model) back() {
	if f, ok := m.top().(*findScreen); ok && m.asked.find != 0 {
		m.asked.find = 0
		m.patientLife.end()
		f.cancelled()
		return
	}
	if len(m.screens) < 2 {
		return
	}
	m.pop()
	if _, ok := m.top().(*roleScreen); ok {
		m.role = nil
	}
}

// pop drops the screen that is shown, and with a patient's screen everything about the patient.
func (m *model) pop() {
	s := m.top()
	if _, ok := s.(*patientScreen); ok {
		m.patientLife.end()
		m.asked.record, m.asked.lamp, m.asked.open = 0, 0, 0
	}
	s.wipe()
	m.screens = m.screens[:len(m.screens)-1]
}

// toFind leaves patient and results for the search, with an empty form when afresh.
func (m *model) toFind(afresh bool) {
	for len(m.screens) > 1 {
		if _, ok := m.top().(*findScreen); ok {
			break
		}
		m.pop()
	}
	if f, ok := m.top().(*findScreen); ok {
		m.asked.find = 0
		f.again(afresh)
	}
}

// cardRead takes in what was read ahead of the passcode.
func (m *model) cardRead(msg readAheadMsg) tea.Cmd {
	s, ok := m.top().(*passcodeScreen)
	if !ok || msg.ask != m.asked.readAhead {
		return nil
	}
	m.asked.readAhead = 0
	if msg.err != nil {
		m.readers.failed(msg.err, m.now())
	}
	m.card = msg.card
	return m.carryOut(s.cardRead(msg.card, msg.err))
}

// waiting is the screen without a card.
func (m *model) waiting(note string) screen { return newWaitingScreen(&m.common, &m.readers, note) }

// begin takes the card in a reader: the passcode box at once, and what can be read before a passcode meanwhile.
func (m *model) begin(reader, note string) tea.Cmd {
	m.reader = reader
	m.cardLife.renew(m.ctx)
	m.screens = []screen{newPasscodeScreen(&m.common, &m.pass, note)}
	return m.askReadAhead()
}

// carded takes in an event of the watcher.
func (m *model) carded(e cardreader.Event) tea.Cmd {
	m.readers.see(e, m.now())
	switch e.Kind {
	case cardreader.CardInserted:
		if e.Reader == m.reader {
			m.drop(session.CardRemoved, "") // a card we did not see leave
		}
		if m.reader == "" {
			return m.begin(e.Reader, "")
		}
	case cardreader.CardRemoved:
		if e.Reader == m.reader {
			return m.cardGone(wordCardRemoved, wordCardRemovedSession)
		}
	case cardreader.CardUnreadable:
		if e.Reader == m.reader && cardreader.KindOf(e.Err) == cardreader.Mute {
			return m.cardGone(wordCardMute, wordCardMuteSession)
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
		note = noteSignedIn
	}
	m.drop(session.CardRemoved, note)
	if next := m.readers.next(); next != "" {
		return m.begin(next, note)
	}
	return nil
}

// lock ends the session. The card is still in, so the passcode box comes next.
func (m *model) lock(why session.Reason, note string) tea.Cmd {
	reader := m.reader
	if m.in == nil {
		return nil
	}
	m.drop(why, note)
	if reader != "" {
		return m.begin(reader, note)
	}
	return nil
}

// drop ends the session and forgets everything about it and its patient, before the next frame.
func (m *model) drop(why session.Reason, note string) {
	// End is called here and not by a command: it only starts the revoking, and must come before the next ReadAhead.
	m.cfg.Desk.End(m.ctx, why)
	m.patientLife.end()
	m.cardLife.end()
	m.asked, m.ticking = asked{}, 0
	m.wipe()
	for _, s := range m.screens {
		s.wipe()
	}
	m.in, m.role, m.card, m.reader = nil, nil, session.Card{}, ""
	m.screens = []screen{m.waiting(note)}
	if m.dialog != diagnosticsDialog {
		m.dialog = noDialog
	}
}

// quit ends the program; signed in, it asks first.
func (m *model) quit() tea.Cmd {
	if m.in != nil {
		m.dialog = quitDialog
		return nil
	}
	return m.leave()
}

// leave ends the session and the program, with an empty last frame.
func (m *model) leave() tea.Cmd {
	m.drop(session.Quit, "")
	m.leaving = true
	return tea.Quit
}
