// Package training lets the terminal program take part in a training: a scenario that wardlight-lab plays on this
// computer. The program then has the training's clock and keyring instead of the computer's own.
//
// A program takes part only when the environment names the training's socket and somebody answers there. It then uses
// the training's hub and record system alone, which are on this computer, and refuses every other: with a clock that
// is not the computer's, no real patient can be asked about. When the training ends, so does the program. Nothing of
// a training outlasts it.
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

// Variable names the environment variable that has the path of a training's socket.
const Variable = "WARDLIGHT_TRAINING"

// joinTimeout is how long joining may take.
const joinTimeout = 10 * time.Second

// Question is what a program asks its training: one line of JSON on the socket.
type Question struct {
	Do     string `json:"do"` // hello, now, set, get, delete
	Name   string `json:"name,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// What a Question can be.
const (
	Hello  = "hello"  // Hub and Records of the answer
	Now    = "now"    // Time
	Set    = "set"    // a secret of the keyring
	Get    = "get"    // Secret
	Delete = "delete" // a secret of the keyring
)

// Answer is the training's answer: one line of JSON for each Question.
type Answer struct {
	Hub     string    `json:"hub,omitempty"`     // base URL of the training's hub
	Records string    `json:"records,omitempty"` // base URL of its record system; "" for none
	Time    time.Time `json:"time,omitzero"`
	Secret  string    `json:"secret,omitempty"`
	Missing bool      `json:"missing,omitempty"` // no secret has that name
}

// Training is a training that this program takes part in. Its methods may be called from any goroutine.
type Training struct {
	Hub     string // base URL of the hub
	Records string // base URL of the record system; "" for none

	conn    net.Conn
	answers chan Answer   // closed when the training has ended
	over    chan struct{} // closed then, too
	leave   func()        // ends the reading of answers

	mu   sync.Mutex // held from a question to its answer
	last time.Time
}

// Join takes part in the training that the environment names, and returns nil where it names none. The error says
// that the training has ended, or is none.
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
	t := &Training{conn: conn, answers: make(chan Answer), over: make(chan struct{})}
	left, leave := context.WithCancel(context.Background())
	t.leave = leave
	go t.read(left)
	hello, err := t.ask(Question{Do: Hello})
	if err == nil {
		err = local(hello.Hub)
	}
	if err == nil && hello.Records != "" {
		err = local(hello.Records)
	}
	if err == nil {
		t.Hub, t.Records = hello.Hub, hello.Records
		_, err = t.ask(Question{Do: Now})
	}
	if err != nil {
		t.Leave()
		return nil, fmt.Errorf("%s: %s: %w", Variable, path, err)
	}
	return t, nil
}

// local refuses an address that is not on this computer.
func local(base string) error {
	u, err := url.Parse(base)
	if err != nil || !net.ParseIP(u.Hostname()).IsLoopback() {
		return fmt.Errorf("%q is not on this computer: a training asks nobody else", base)
	}
	return nil
}

// Leave ends the program's part in the training.
func (t *Training) Leave() {
	t.leave()
	_ = t.conn.Close()
	<-t.over
}

// Over returns closed when the training has ended.
func (t *Training) Over() <-chan struct{} { return t.over }

// read hands over the answers until the connection ends.
func (t *Training) read(left context.Context) {
	defer close(t.over)
	defer close(t.answers)
	defer func() { _ = t.conn.Close() }()
	for from := json.NewDecoder(t.conn); ; {
		var a Answer
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

// ask sends a question and waits for the answer.
func (t *Training) ask(q Question) (Answer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := json.NewEncoder(t.conn).Encode(q); err != nil {
		return Answer{}, ErrOver
	}
	a, ok := <-t.answers
	if !ok {
		return Answer{}, ErrOver
	}
	if q.Do == Now {
		t.last = a.Time
	}
	return a, nil
}

// Now returns the training's time; once it has ended, the last one that was asked for: the program is about to end.
func (t *Training) Now() time.Time {
	if a, err := t.ask(Question{Do: Now}); err == nil {
		return a.Time
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// Set stores a secret in the training's keyring. The error is ErrOver. With Get and Delete it makes a Training a
// keep.Backend.
func (t *Training) Set(_, name, secret string) error {
	_, err := t.ask(Question{Do: Set, Name: name, Secret: secret})
	return err
}

// Get reads a secret of the training's keyring. Errors are keyring.ErrNotFound and ErrOver.
func (t *Training) Get(_, name string) (string, error) {
	a, err := t.ask(Question{Do: Get, Name: name})
	if err == nil && a.Missing {
		err = keyring.ErrNotFound
	}
	return a.Secret, err
}

// Delete removes a secret of the training's keyring. Errors are keyring.ErrNotFound and ErrOver.
func (t *Training) Delete(_, name string) error {
	a, err := t.ask(Question{Do: Delete, Name: name})
	if err == nil && a.Missing {
		err = keyring.ErrNotFound
	}
	return err
}
