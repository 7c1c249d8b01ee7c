// Package control is how a second terminal reaches a running demo: a socket of the user's own, over which the card is
// changed and the state asked for.
package control

import (
	"context"
	"errors"
	"time"
)

// Status is a running demo, for people and programs. It holds nobody's data.
type Status struct {
	Hub           string `json:"hub"`           // base URL
	Config        string `json:"config"`        // for wardlight --config
	Folder        string `json:"folder"`        // where all of it lies
	Log           string `json:"log"`           // of hub and authority
	Reader        string `json:"reader"`        // its name
	Card          string `json:"card"`          // the card that is in; "" for none
	TriesLeft     int    `json:"triesLeft"`     // of that card
	Passcode      string `json:"passcode"`      // of every card of the bench
	People        int    `json:"people"`        // synthetic patients loaded
	Notifications int    `json:"notifications"` // received by the stand-in authorities
	HubRuns       bool   `json:"hubRuns"`
	PID           int    `json:"pid"`
}

// Bench is what can be done to a running demo.
type Bench interface {
	// Insert puts the named card in, in place of one that is in.
	Insert(name string) error
	// Eject pulls the card; without one it does nothing.
	Eject()
	// StopHub stops the hub as if it had been killed, and StartHub starts it again where it was.
	StopHub() error
	StartHub(ctx context.Context) error
	Status() Status
}

// The things that can be asked for.
const (
	doInsert = "insert"
	doEject  = "eject"
	doStatus = "status"
	doStop   = "stop hub"
	doStart  = "start hub"
)

// request is one line of JSON, as is the reply.
type request struct {
	Do   string `json:"do"`
	Card string `json:"card,omitempty"`
}

type reply struct {
	Error  string  `json:"error,omitempty"`
	Status *Status `json:"status,omitempty"`
}

// patience is how long one exchange may take; making an RSA card is the longest part of it.
const patience = time.Minute

// The ways in which the two ends miss each other.
var (
	ErrNoDemo  = errors.New("no demo is running; start one with: wardlight-lab demo")
	ErrRunning = errors.New("a demo is running already; end it, or give this one a socket of its own with --socket")
)

// Insert asks the demo at path to put a card in. Errors are ErrNoDemo, or what the demo says.
func Insert(ctx context.Context, path, card string) (Status, error) {
	return call(ctx, path, request{Do: doInsert, Card: card})
}

// Eject asks the demo at path to pull the card.
func Eject(ctx context.Context, path string) (Status, error) {
	return call(ctx, path, request{Do: doEject})
}

// Hub asks the demo at path to start its hub, or to stop it.
func Hub(ctx context.Context, path string, runs bool) (Status, error) {
	do := doStop
	if runs {
		do = doStart
	}
	return call(ctx, path, request{Do: do})
}

// Ask asks the demo at path how it is.
func Ask(ctx context.Context, path string) (Status, error) {
	return call(ctx, path, request{Do: doStatus})
}
