package keep

import (
	"context"
	"sync"
	"time"
)

// The times that a keyring has. It may ask its owner to unlock it, with a prompt that nobody sees: what can go on
// without it does so after answerTimeout. Somebody who has come for the keyring has unlockTimeout.
const (
	answerTimeout = 3 * time.Second
	unlockTimeout = time.Minute
)

// silence is the calls that were given up, and whose answers have not come.
type silence struct {
	mu    sync.Mutex
	calls int
}

// holds reports whether there is one.
func (s *silence) holds() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls > 0
}

// call is a call of the keyring. Its fields are guarded by silence.mu.
type call struct{ ended, givenUp bool }

// end notes that the answer has come.
func (s *silence) end(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ended = true; c.givenUp {
		s.calls--
	}
}

// begins notes that the call was given up, and reports whether it is the first without an answer.
func (s *silence) begins(c *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ended {
		return false
	}
	c.givenUp = true
	s.calls++
	return s.calls == 1
}

// ask calls the keyring, and gives up when ctx ends or the keyring has not answered in time. The call itself cannot
// be called off: until the answer to one that was given up comes, others are given up at once, so that no prompt
// comes on top of another and nobody waits again. Errors are *Error.
func ask(ctx context.Context, r *Ring, f func() (string, error)) (string, error) {
	if err := r.absent(); err != nil {
		return "", &Error{Kind: Absent, Err: err}
	}
	if !r.unlocks && r.silence.holds() {
		return "", &Error{Kind: NoAnswer}
	}
	type answer struct {
		value string
		err   error
	}
	done, c := make(chan answer, 1), new(call)
	go func() {
		value, err := f()
		r.silence.end(c)
		done <- answer{value, err}
	}()
	late := r.timer(answerTimeout)
	for waited := false; ; waited = true {
		select {
		case a := <-done:
			if a.err != nil {
				return "", errorOf(a.err)
			}
			return a.value, nil
		case <-ctx.Done():
			return "", &Error{Kind: Locked, Err: ctx.Err()}
		case <-late:
		}
		switch {
		case !r.unlocks:
			if r.silence.begins(c) && r.Silent != nil {
				r.Silent()
			}
			return "", &Error{Kind: NoAnswer}
		case waited:
			return "", &Error{Kind: Locked, Err: context.DeadlineExceeded}
		case r.Waiting != nil:
			r.Waiting()
		}
		late = r.timer(unlockTimeout - answerTimeout)
	}
}

// timer returns over after d.
func (r *Ring) timer(d time.Duration) <-chan time.Time {
	if r.After == nil {
		return time.After(d)
	}
	return r.After(d)
}
