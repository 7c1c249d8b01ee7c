package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/tui/ask"
)

// The commands run session calls outside of Update. Each returns the answer as a message, with the number of the
// request.

// number returns a new number for a list or a timer.
func (m *Model) number() ask.Number {
	m.lastAsk++
	return m.lastAsk
}

// nextEvent returns a command that waits for the next event of the card watcher.
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

// command returns a command that calls get and returns its answer as the message.
func command[T any](get func() ask.Answer[T]) tea.Cmd { return func() tea.Msg { return get() } }

// tick starts a timer, as the default.
func tick(d time.Duration, msg TickMsg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}
