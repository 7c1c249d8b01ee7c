package tui

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
func (m *model) number() ask.Number {
	m.lastAsk++
	return m.lastAsk
}

// nextEvent waits for the watcher.
func (m *model) nextEvent() tea.Cmd {
	events := m.cfg.Events
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
			return cardMsg{e}
		case <-ctx.Done():
			return nil
		}
	}
}

func (m *model) askReadAhead() tea.Cmd {
	id, ctx, desk, reader := m.number(), m.cardLife.Ctx, m.cfg.Desk, m.reader
	m.asked.readAhead = id
	return func() tea.Msg {
		card, err := desk.ReadAhead(ctx, reader)
		return readAheadMsg{id, card, err}
	}
}

// askSignIn hands the passcode over: after it the model holds none.
func (m *model) askSignIn() tea.Cmd {
	id, ctx, desk := m.number(), m.cardLife.Ctx, m.cfg.Desk
	m.asked.signIn = id
	handed := new(cardreader.Passcode)
	m.pass.MoveTo(handed)
	return func() tea.Msg {
		defer handed.Wipe()
		in, err := desk.SignIn(ctx, handed)
		return signedInMsg{id, in, err}
	}
}

func (m *model) askFind(q client.Query) tea.Cmd {
	m.patientLife.Renew(m.cardLife.Ctx)
	id, ctx, desk := m.number(), m.patientLife.Ctx, m.cfg.Desk
	m.asked.find = id
	return func() tea.Msg {
		found, err := desk.Find(ctx, q)
		return foundMsg{id, found, err}
	}
}

func (m *model) askRecord(n nhs.Number) tea.Cmd {
	id, ctx, desk := m.number(), m.patientLife.Ctx, m.cfg.Desk
	m.asked.record = id
	return func() tea.Msg {
		p, err := desk.Patient(ctx, n)
		return recordMsg{id, n, p, err}
	}
}

func (m *model) askLamp(n nhs.Number) tea.Cmd {
	id, ctx, desk := m.number(), m.patientLife.Ctx, m.cfg.Desk
	m.asked.lamp = id
	return func() tea.Msg {
		return lampMsg{id, n, desk.Lamp(ctx, n)}
	}
}

func (m *model) askOpen(n nhs.Number) tea.Cmd {
	id, ctx, desk := m.number(), m.patientLife.Ctx, m.cfg.Desk
	m.asked.open = id
	return func() tea.Msg {
		o, err := desk.Open(ctx, n)
		return openedMsg{id, n, o, err}
	}
}

// tick is the command of the usual timer.
func tick(d time.Duration, msg tickMsg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}
