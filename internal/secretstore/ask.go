package secretstore

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

// abandonedCalls counts the calls that were abandoned and have not returned.
type abandonedCalls struct {
	mu    sync.Mutex
	calls int
}

// any reports whether there is such a call.
func (s *abandonedCalls) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls > 0
}

// call is a call to the keyring. Its fields are guarded by silence.mu.
type call struct{ ended, abandoned bool }

// done records that the call has returned.
func (s *abandonedCalls) done(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ended = true; c.abandoned {
		s.calls--
	}
}

// abandon records that the call was abandoned, and reports whether it is the only such call. It does nothing and
// returns false if the call has returned meanwhile.
func (s *abandonedCalls) abandon(c *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ended {
		return false
	}
	c.abandoned = true
	s.calls++
	return s.calls == 1
}

// callWithTimeout calls f, and returns an error if ctx is done or the timeout expires first. The call itself can't be
// cancelled. Until an abandoned call returns, further calls fail at once, so that prompts don't pile up and nobody
// waits again. Errors are *Error.
func callWithTimeout(ctx context.Context, r *Keyring, f func() (string, error)) (string, error) {
	if err := r.absent(); err != nil {
		return "", &Error{Kind: Absent, Err: err}
	}
	if !r.unlocks && r.silence.any() {
		return "", &Error{Kind: NoAnswer}
	}

	type answer struct {
		value string
		err   error
	}

	done, c := make(chan answer, 1), new(call)
	go func() {
		value, err := f()
		r.silence.done(c)
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
			if r.silence.abandon(c) && r.OnTimeout != nil {
				r.OnTimeout()
			}
			return "", &Error{Kind: NoAnswer}
		case waited:
			return "", &Error{Kind: Locked, Err: context.DeadlineExceeded}
		case r.OnUnlock != nil:
			r.OnUnlock()
		}

		late = r.timer(unlockTimeout - answerTimeout)
	}
}

// timer returns a channel that receives after d.
func (r *Keyring) timer(d time.Duration) <-chan time.Time {
	if r.After == nil {
		return time.After(d)
	}
	return r.After(d)
}
