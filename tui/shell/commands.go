package shell

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/session"
	"wardlight/tui/ask"
	"wardlight/tui/card"
	"wardlight/tui/find"
	"wardlight/tui/patient"
)

// The commands: each asks the desk one thing, outside of Update, and brings the answer back with the question's number.

// number is a fresh number, of a list or a tick.
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

// command is the command that gets an answer, and brings it.
func command[T any](get func() ask.Answer[T]) tea.Cmd { return func() tea.Msg { return get() } }

func (m *Model) askReadAhead(s *card.Passcode) tea.Cmd {
	desk, reader := m.Cfg.Desk, m.Reader
	return command(s.Reading.Ask(m.cardLife.Ctx, func(ctx context.Context) (session.Card, error) {
		return desk.ReadAhead(ctx, reader)
	}))
}

// askSignIn hands the passcode over: after it the model holds none.
func (m *Model) askSignIn(s *card.Passcode) tea.Cmd {
	desk := m.Cfg.Desk
	handed := new(cardreader.Passcode)
	m.Pass.MoveTo(handed)
	return command(s.Signing.Ask(m.cardLife.Ctx, func(ctx context.Context) (session.SignedIn, error) {
		defer handed.Wipe()
		return desk.SignIn(ctx, handed)
	}))
}

func (m *Model) askFind(s *find.Form, q client.Query) tea.Cmd {
	desk := m.Cfg.Desk
	return command(s.Asking.Ask(m.cardLife.Ctx, func(ctx context.Context) (client.Found, error) { return desk.Find(ctx, q) }))
}

func (m *Model) askRecord(s *patient.Screen) tea.Cmd {
	desk, n := m.Cfg.Desk, s.Number
	return command(s.RecordAsked.Ask(m.cardLife.Ctx, func(ctx context.Context) (client.Patient, error) { return desk.Patient(ctx, n) }))
}

func (m *Model) askLamp(s *patient.Screen) tea.Cmd {
	desk, n := m.Cfg.Desk, s.Number
	return command(s.LampAsked.Ask(m.cardLife.Ctx, func(ctx context.Context) (client.Lamp, error) { return desk.Lamp(ctx, n), nil }))
}

func (m *Model) askOpen(s *patient.Screen) tea.Cmd {
	desk, n := m.Cfg.Desk, s.Number
	return command(s.Opening.Ask(m.cardLife.Ctx, func(ctx context.Context) (client.Opened, error) { return desk.Open(ctx, n) }))
}

// tick is the command of the usual timer.
func tick(d time.Duration, msg TickMsg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}
