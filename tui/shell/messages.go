package shell

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/tui/ask"
)

// Asked is what is awaited, by kind of question.
type Asked struct{ readAhead, signIn, find, record, lamp, open, flag, waiting, queues, print ask.Number }

// The messages of our own. None holds a passcode.
type (
	CardMsg struct{ Event cardreader.Event } // the watcher saw something
	StopMsg struct{}                         // a signal: end the session, then the program
	TickMsg struct{ n ask.Number }           // time has passed; n is the session's tick, so that an old chain dies out

	readAheadMsg struct {
		ask  ask.Number
		card session.Card
		err  error
	}
	signedInMsg struct {
		ask ask.Number
		in  session.SignedIn
		err error
	}
	foundMsg struct {
		ask   ask.Number
		found client.Found
		err   error
	}
	RecordMsg struct {
		ask     ask.Number
		number  nhs.Number // the number asked for
		patient client.Patient
		Err     error
	}
	LampMsg struct {
		ask    ask.Number
		number nhs.Number
		Lamp   client.Lamp
	}
	OpenedMsg struct {
		ask    ask.Number
		number nhs.Number
		opened client.Opened
		err    error
	}
	ProbedMsg struct {
		ask ask.Number
		hub client.Probed
	}
)

// timer makes a command that sends msg after d; tests put their own in its place.
type timer func(d time.Duration, msg TickMsg) tea.Cmd
