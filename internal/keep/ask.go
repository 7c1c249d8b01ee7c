package keep

import (
	"context"
	"sync"
	"time"
)

// Timeouts for the keyring. It may show a prompt to unlock it that nobody sees. Operations that can do without the
// keyring wait for answerTimeout. Operations that the user started for the keyring wait for unlockTimeout.
const (
	answerTimeout = 3 * time.Second
	unlockTimeout = time.Minute
)

// silence counts the calls that were abandoned and have not returned.
type silence struct {
	mu    sync.Mutex
	calls int
}

// holds reports whether there is such a call.
func (s *silence) holds() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls > 0
}

// call is a call to the keyring. Its fields are guarded by silence.mu.
type call struct{ ended, givenUp bool }

// end records that the call has returned.
func (s *silence) end(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ended = true; c.givenUp {
		s.calls--
	}
}

// begins records that the call was abandoned, and reports whether it is the only such call. It does nothing and returns
// false if the call has returned meanwhile.
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

// ask calls f, and returns an error if ctx is done or the timeout expires first. The call itself can't be cancelled.
// Until an abandoned call returns, further calls fail at once, so that prompts don't pile up and nobody waits again.
// Errors are *Error.
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

// timer returns a channel that receives after d.
func (r *Ring) timer(d time.Duration) <-chan time.Time {
	if r.After == nil {
		return time.After(d)
	}
	return r.After(d)
}
