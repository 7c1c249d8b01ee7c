package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/ask"
)

// The commands: each asks the desk one thing, outside of Update, and brings the answer back with the question's number.

// number is a fresh question's number.
func (m *Model) number() ask.Number {
	m.lastAsk++
	return m.lastAsk
}

// nextEvent waits for the watcher.
func (m *Model) nextEvent() tea.Cmd {
	events := m.Cfg.Events
	if events == nil {
		return nil
	}
	ctx := m.ctx
	return func() tea.Msg {
		select {
		case e, ok := <-events:
			if !ok {
				return nil
			}
			return CardMsg{e}
		case <-ctx.Done():
			return nil
		}
	}
}

func (m *Model) askReadAhead() tea.Cmd {
	id, ctx, desk, reader := m.number(), m.cardLife.Ctx, m.Cfg.Desk, m.Reader
	m.Asked.readAhead = id
	return func() tea.Msg {
		card, err := desk.ReadAhead(ctx, reader)
		return readAheadMsg{id, card, err}
	}
}

// askSignIn hands the passcode over: after it the model holds none.
func (m *Model) askSignIn() tea.Cmd {
	id, ctx, desk := m.number(), m.cardLife.Ctx, m.Cfg.Desk
	m.Asked.signIn = id
	handed := new(cardreader.Passcode)
	m.Pass.MoveTo(handed)
	return func() tea.Msg {
		defer handed.Wipe()
		in, err := desk.SignIn(ctx, handed)
		return signedInMsg{id, in, err}
	}
}

func (m *Model) askFind(q client.Query) tea.Cmd {
	m.patientLife.Renew(m.cardLife.Ctx)
	id, ctx, desk := m.number(), m.patientLife.Ctx, m.Cfg.Desk
	m.Asked.find = id
	return func() tea.Msg {
		found, err := desk.Find(ctx, q)
		return foundMsg{id, found, err}
	}
}

func (m *Model) askRecord(n nhs.Number) tea.Cmd {
	id, ctx, desk := m.number(), m.patientLife.Ctx, m.Cfg.Desk
	m.Asked.record = id
	return func() tea.Msg {
		p, err := desk.Patient(ctx, n)
		return RecordMsg{id, n, p, err}
	}
}

func (m *Model) askLamp(n nhs.Number) tea.Cmd {
	id, ctx, desk := m.number(), m.patientLife.Ctx, m.Cfg.Desk
	m.Asked.lamp = id
	return func() tea.Msg {
		return LampMsg{id, n, desk.Lamp(ctx, n)}
	}
}

func (m *Model) askOpen(n nhs.Number) tea.Cmd {
	id, ctx, desk := m.number(), m.patientLife.Ctx, m.Cfg.Desk
	m.Asked.open = id
	return func() tea.Msg {
		o, err := desk.Open(ctx, n)
		return OpenedMsg{id, n, o, err}
	}
}

// tick is the command of the usual timer.
func tick(d time.Duration, msg TickMsg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}
