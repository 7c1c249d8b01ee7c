// Package training connects the terminal program to a training: a scenario that wardlight-lab runs on this computer.
// The program then uses the training's clock and keyring instead of the computer's.
//
// A program takes part only if the environment names the training's socket and a training answers there. It then uses
// only the training's hub and record system, which must be on this computer: with a wrong clock no real patient may be
// asked about. The program ends with the training, and nothing is stored beyond it.
package training

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

// Variable is the environment variable with the path of a training's socket.
const Variable = "WARDLIGHT_TRAINING"

// joinTimeout is the timeout for connecting to the socket.
const joinTimeout = 10 * time.Second

// Request is a request of a program to its training: a line of JSON on the socket.
type Request struct {
	Do     string `json:"do"` // one of the constants below
	Name   string `json:"name,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// The values of Request.Do, with the field of the Response that they set or the effect.
const (
	Hello  = "hello"  // Hub and Records of the answer
	Now    = "now"    // Time
	Set    = "set"    // stores a secret in the keyring
	Get    = "get"    // Secret
	Delete = "delete" // removes a secret from the keyring
)

// Response is the response to a [Request]: a line of JSON.
type Response struct {
	Hub     string    `json:"hub,omitempty"`     // base URL of the training's hub
	Records string    `json:"records,omitempty"` // base URL of its record system, or ""
	Time    time.Time `json:"time,omitzero"`
	Secret  string    `json:"secret,omitempty"`
	Missing bool      `json:"missing,omitempty"` // there is no secret with this name
}

// Training is the connection to a training. Its methods are safe for concurrent use.
type Training struct {
	Hub     string // base URL of the hub
	Records string // base URL of the record system, or ""

	conn       net.Conn
	answers    chan Response // closed when the training has ended
	done       chan struct{} // closed when the training has ended
	cancelRead func()        // stops reading answers

	mu   sync.Mutex // held until a request is answered
	last time.Time
}

// Join connects to the training that the environment names. It returns nil if none is named. It returns an error if no
// training answers at the socket, or if its hub or record system is not on this computer.
func Join(ctx context.Context, environ []string) (*Training, error) {
	path := ""
	for _, v := range environ {
		if value, ok := strings.CutPrefix(v, Variable+"="); ok {
			path = value
		}
	}

	if path == "" {
		return nil, nil
	}

	dialer := net.Dialer{Timeout: joinTimeout}
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("%s: no training is at %s: %w", Variable, path, err)
	}

	t := &Training{conn: conn, answers: make(chan Response), done: make(chan struct{})}
	left, leave := context.WithCancel(context.Background())
	t.cancelRead = leave
	go t.read(left)
	hello, err := t.ask(Request{Do: Hello})
	if err == nil {
		err = local(hello.Hub)
	}

	if err == nil && hello.Records != "" {
		err = local(hello.Records)
	}

	if err == nil {
		t.Hub, t.Records = hello.Hub, hello.Records
		_, err = t.ask(Request{Do: Now})
	}

	if err != nil {
		t.Close()
		return nil, fmt.Errorf("%s: %s: %w", Variable, path, err)
	}

	return t, nil
}

// local returns an error if a URL does not point to this computer.
func local(base string) error {
	u, err := url.Parse(base)
	if err != nil || !net.ParseIP(u.Hostname()).IsLoopback() {
		return fmt.Errorf("%q is not on this computer: a training asks nobody else", base)
	}
	return nil
}

// Close closes the connection to the training.
func (t *Training) Close() {
	t.cancelRead()
	_ = t.conn.Close()
	<-t.done
}

// Done returns a channel that is closed when the training has ended.
func (t *Training) Done() <-chan struct{} { return t.done }

// read passes on the answers until the connection ends.
func (t *Training) read(left context.Context) {
	defer close(t.done)
	defer close(t.answers)
	defer func() { _ = t.conn.Close() }()
	for from := json.NewDecoder(t.conn); ; {
		var a Response
		if err := from.Decode(&a); err != nil {
			return
		}
		select {
		case t.answers <- a:
		case <-left.Done():
			return
		}
	}
}

// ErrOver is returned once the training has ended.
var ErrOver = errors.New("the training has ended")

// ask sends a request and waits for the answer.
func (t *Training) ask(q Request) (Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := json.NewEncoder(t.conn).Encode(q); err != nil {
		return Response{}, ErrOver
	}
	a, ok := <-t.answers
	if !ok {
		return Response{}, ErrOver
	}
	if q.Do == Now {
		t.last = a.Time
	}
	return a, nil
}

// Now returns the training's time. Once the training has ended, it returns the last known time: the program is about
// to end.
func (t *Training) Now() time.Time {
	if a, err := t.ask(Request{Do: Now}); err == nil {
		return a.Time
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// Set stores a secret in the training's keyring. The error is [ErrOver]. Set, Get and Delete implement keep.Backend.
func (t *Training) Set(_, name, secret string) error {
	_, err := t.ask(Request{Do: Set, Name: name, Secret: secret})
	return err
}

// Get returns a secret in the training's keyring. Errors are keyring.ErrNotFound and [ErrOver].
func (t *Training) Get(_, name string) (string, error) {
	a, err := t.ask(Request{Do: Get, Name: name})
	if err == nil && a.Missing {
		err = keyring.ErrNotFound
	}
	return a.Secret, err
}

// Delete removes a secret from the training's keyring. Errors are keyring.ErrNotFound and [ErrOver].
func (t *Training) Delete(_, name string) error {
	a, err := t.ask(Request{Do: Delete, Name: name})
	if err == nil && a.Missing {
		err = keyring.ErrNotFound
	}
	return err
}
