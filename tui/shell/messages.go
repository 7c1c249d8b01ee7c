package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/internal/handover"
	"wardlight/tui/ask"
)

// The messages of our own, besides the answers to questions. None holds a passcode.
type (
	CardMsg struct{ Event cardreader.Event } // the watcher saw something
	// HandOverMsg is a patient whom another program of the user hands over.
	HandOverMsg struct{ Request handover.Request }
	StopMsg     struct{}               // a signal: end the session, then the program
	TickMsg     struct{ n ask.Number } // time has passed; n is the session's tick, so that an old chain dies out
)

// timer makes a command that sends msg after d; tests put their own in its place.
type timer func(d time.Duration, msg TickMsg) tea.Cmd

// InOrderMsg is two messages, one after the other.
type InOrderMsg struct{ First, Then tea.Msg }
