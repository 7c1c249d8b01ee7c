package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/internal/handover"
	"wardlight/tui/ask"
)

// The messages of this package, besides answers to requests. None contains a passcode.
type (
	CardMsg struct{ Event cardreader.Event } // an event of the card watcher
	// HandOverMsg is a request of another program of the user to show a patient.
	HandOverMsg struct{ Request handover.Request }
	StopMsg     struct{}               // ends the session and the program, after a signal
	TickMsg     struct{ n ask.Number } // a timer; n identifies it, so that old timers are ignored
)

// timer returns a command that sends msg after d. Tests replace it.
type timer func(d time.Duration, msg TickMsg) tea.Cmd

// InOrderMsg is two messages that are handled one after the other.
type InOrderMsg struct{ First, Then tea.Msg }
