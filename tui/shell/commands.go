package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/tui/ask"
)

// The commands: each asks the desk one thing, outside of Update, and brings the answer back with the question's number.

// number returns a fresh number, of a list or a tick.
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

// command returns the command that gets an answer, and brings it.
func command[T any](get func() ask.Answer[T]) tea.Cmd { return func() tea.Msg { return get() } }

// tick returns the command of the usual timer.
func tick(d time.Duration, msg TickMsg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}
