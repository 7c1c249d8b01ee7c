package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

// ask numbers a question to the desk. The answer carries the number; when another question of the kind has been asked
// since, or none is awaited any more, the answer is late and is dropped. 0 is no question.
type ask uint64

// asked is what is awaited, by kind of question.
type asked struct{ readAhead, signIn, find, record, lamp, open, flag, waiting, queues, print ask }

// The messages of our own. None holds a passcode.
type (
	cardMsg struct{ event cardreader.Event } // the watcher saw something
	stopMsg struct{}                         // a signal: end the session, then the program
	tickMsg struct{ n ask }                  // time has passed; n is the session's tick, so that an old chain dies out

	readAheadMsg struct {
		ask  ask
		card session.Card
		err  error
	}
	signedInMsg struct {
		ask ask
		in  session.SignedIn
		err error
	}
	foundMsg struct {
		ask   ask
		found client.Found
		err   error
	}
	recordMsg struct {
		ask     ask
		number  nhs.Number // the number asked for
		patient client.Patient
		err     error
	}
	lampMsg struct {
		ask    ask
		number nhs.Number
		lamp   client.Lamp
	}
	openedMsg struct {
		ask    ask
		number nhs.Number
		opened client.Opened
		err    error
	}
	probedMsg struct {
		ask ask
		hub client.Probed
	}
)

// timer makes a command that sends msg after d; tests put their own in its place.
type timer func(d time.Duration, msg tickMsg) tea.Cmd
