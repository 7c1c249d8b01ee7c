// Package control lets a second terminal control a running demo, through a socket that only its user can open. It
// changes the card and reads the demo's status. cmd/wardlight-lab and the demo import it.
package control

import (
	"context"
	"errors"
	"time"
)

// Status is the status of a running demo. It contains no patient data.
type Status struct {
	Hub           string `json:"hub"`           // base URL
	Config        string `json:"config"`        // path of the file for wardlight --config
	Folder        string `json:"folder"`        // path of the demo's folder
	Log           string `json:"log"`           // path of the log of hub and authorities
	Reader        string `json:"reader"`        // name of the reader
	Card          string `json:"card"`          // name of the inserted card; "" for none
	TriesLeft     int    `json:"triesLeft"`     // tries left of the inserted card
	Passcode      string `json:"passcode"`      // of every card
	People        int    `json:"people"`        // synthetic patients loaded
	Notifications int    `json:"notifications"` // number received by the stand-in authorities
	HubRuns       bool   `json:"hubRuns"`
	PID           int    `json:"pid"`
}

// Controller is a running demo that can be controlled.
type Controller interface {
	// Insert inserts the named card, replacing the present one.
	Insert(name string) error
	// Eject removes the card, if there is one.
	Eject()
	// StopHub stops the hub abruptly, as if it had been killed. StartHub restarts it at the same address.
	StopHub() error
	StartHub(ctx context.Context) error
	Status() Status
}

// Values of request.Do.
const (
	doInsert = "insert"
	doEject  = "eject"
	doStatus = "status"
	doStop   = "stop hub"
	doStart  = "start hub"
)

// request is one line of JSON. The reply is one line, too.
type request struct {
	Do   string `json:"do"`
	Card string `json:"card,omitempty"`
}

type reply struct {
	Error  string  `json:"error,omitempty"`
	Status *Status `json:"status,omitempty"`
}

// callTimeout is the timeout for one exchange. Creating an RSA card takes longest.
const callTimeout = time.Minute

// Errors of reaching a demo, and of starting a second one.
var (
	ErrNoDemo  = errors.New("no demo is running; start one with: wardlight-lab demo")
	ErrRunning = errors.New("a demo is running already; end it, or give this one a socket of its own with --socket")
)

// Insert makes the demo at path insert a card. The error is ErrNoDemo, or the demo's.
func Insert(ctx context.Context, path, card string) (Status, error) {
	return call(ctx, path, request{Do: doInsert, Card: card})
}

// Eject makes the demo at path remove the card.
func Eject(ctx context.Context, path string) (Status, error) {
	return call(ctx, path, request{Do: doEject})
}

// Hub makes the demo at path start or stop its hub.
func Hub(ctx context.Context, path string, runs bool) (Status, error) {
	do := doStop
	if runs {
		do = doStart
	}
	return call(ctx, path, request{Do: do})
}

// GetStatus returns the status of the demo at path.
func GetStatus(ctx context.Context, path string) (Status, error) {
	return call(ctx, path, request{Do: doStatus})
}
