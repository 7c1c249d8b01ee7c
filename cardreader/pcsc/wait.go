//go:build cgo || windows

package pcsc

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/ebfe/scard"

	"wardlight/cardreader"
)

// pnpReader is the pseudo-reader with which PC/SC reports that a reader was added or removed. macOS doesn't support
// it.
const pnpReader = `\\?PnP?\Notification`

// maxEmptyWaits is how often in one Wait the pnpReader may report a change without one. After that it is left out,
// because some services (Windows, old pcsc-lite) would cause a busy loop.
const maxEmptyWaits = 3

// maxStates is the maximum number of states for one SCardGetStatusChange, including the pnpReader. pcsc-lite rejects
// more (PCSCLITE_MAX_READERS_CONTEXTS), which is also its maximum number of readers.
const maxStates = 16

// statusChangeSem serialises calls of SCardGetStatusChange in this process. scard stores the C strings of reader names
// in one global map. If two calls name the same reader, the second frees the string that the first is still using.
var statusChangeSem = make(chan struct{}, 1)

// lookAtSem serialises pollInterval, which must not wait for a Wait. It appends text after the terminating NUL of the
// name: C ignores it, but it is another key in scard's map.
var lookAtSem = make(chan struct{}, 1)

const nameOfLook = "\x00look"

// pollInterval returns the current state of the named reader. It uses its own context, so that it can run in parallel
// with the beginning of a transaction. It returns a Reader without an ATR on an error, and on Windows, where the event
// counter could not be tested.
func (s *system) lookAt(reader string) cardreader.Reader {
	if runtime.GOOS == "windows" {
		return cardreader.Reader{}
	}
	c, _, err := s.contexts.get()
	if err != nil {
		return cardreader.Reader{}
	}
	lookAtSem <- struct{}{}
	state := []scard.ReaderState{{Reader: reader + nameOfLook}}
	err = getStatusChange(c, state, 0)
	<-lookAtSem
	if err != nil {
		_ = c.Release()
		return cardreader.Reader{}
	}
	s.contexts.put(c)
	return readerOf(state[0])
}

// Wait implements cardreader.System.
func (s *system) Wait(ctx context.Context, known []cardreader.Reader,
	timeout time.Duration,
) ([]cardreader.Reader, error) {
	s.waiting <- struct{}{}
	defer func() { <-s.waiting }()

	c, _, err := s.contexts.get()
	if err != nil {
		return nil, err
	}
	now, err := s.wait(ctx, c, known, timeout)
	if err != nil {
		s.notify = scard.StateUnaware
		_ = c.Release()
		s.contexts.releaseIdle()
		return nil, err
	}
	s.contexts.put(c)
	return now, nil
}

func (s *system) wait(ctx context.Context, c *scard.Context, known []cardreader.Reader,
	timeout time.Duration,
) ([]cardreader.Reader, error) {
	limit, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for waits := 0; ; waits++ {
		select {
		case <-s.closing:
			return nil, &cardreader.Error{Kind: cardreader.ServiceDown}
		default:
		}
		now, states, err := readStates(c)
		if err != nil {
			return nil, err
		}
		if !cardreader.SameReaders(known, now) || limit.Err() != nil {
			return now, nil
		}
		if err := s.block(limit, c, states, waits < maxEmptyWaits); err != nil {
			return nil, err
		}
	}
}

// readStates returns the current readers sorted by name, and the raw states for waiting for a change.
func readStates(c *scard.Context) ([]cardreader.Reader, []scard.ReaderState, error) {
	for tries := 0; ; tries++ {
		names, err := listReaders(c)
		if err != nil {
			return nil, nil, err
		}

		states := make([]scard.ReaderState, len(names))
		for i, name := range names {
			states[i].Reader = name
		}

		if len(states) == 0 {
			return []cardreader.Reader{}, nil, nil
		}

		statusChangeSem <- struct{}{} // waits for at most a slice
		err = statesNow(states, func(some []scard.ReaderState, timeout time.Duration) error {
			return getStatusChange(c, some, timeout)
		})
		<-statusChangeSem

		switch result := resultOf(err); {
		case err == nil, result == resultTimeout:
			readers := make([]cardreader.Reader, len(states))
			for i, state := range states {
				readers[i] = readerOf(state)
			}
			return readers, states, nil
		case (result == resultUnknownReader || result == resultUnavailable) && tries < 3:
			continue // a reader was removed between the two calls
		}

		return nil, nil, failed("SCardGetStatusChange", err)
	}
}

// listReaders returns the names of all readers. None is no error. The list may grow between the two PC/SC calls that
// scard makes.
func listReaders(c *scard.Context) ([]string, error) {
	for tries := 0; ; tries++ {
		names, err := c.ListReaders()
		switch result := resultOf(err); {
		case err == nil:
			slices.Sort(names)
			return slices.Compact(names), nil
		case result == resultNoReaders:
			return nil, nil
		case result == resultBuffer && tries < 3:
			continue
		}
		return nil, failed("SCardListReaders", err)
	}
}

func readerOf(state scard.ReaderState) cardreader.Reader {
	has := func(flag scard.StateFlag) bool { return state.EventState&flag != 0 }
	r := cardreader.Reader{
		Name: state.Reader, Present: has(scard.StatePresent), Shared: has(scard.StateInuse),
		Events: uint16(state.EventState >> 16),
	}
	if r.Present {
		r.Mute, r.Exclusive, r.ATR = has(scard.StateMute), has(scard.StateExclusive), state.Atr
	}
	return r
}

// statesNow updates the states without waiting, in groups of at most maxStates.
func statesNow(states []scard.ReaderState, ask func([]scard.ReaderState, time.Duration) error) error {
	for some := range slices.Chunk(states, maxStates) {
		if err := ask(some, 0); err != nil && resultOf(err) != resultTimeout {
			return err
		}
	}
	return nil
}

// waitable returns the states to wait for, the timeout, and whether there is room for the pnpReader. If there are more
// readers than the service accepts at a time, it returns the first ones and a shorter timeout.
func waitable(states []scard.ReaderState) (some []scard.ReaderState, limit time.Duration, pnp bool) {
	if len(states) > maxStates {
		return states[:maxStates], manyReadersSlice, false
	}
	return states, maxWaitSlice, len(states) < maxStates
}

// block returns when a state may have changed, after a slice of time, or when ctx is done.
func (s *system) block(ctx context.Context, c *scard.Context, states []scard.ReaderState, pnp bool) error {
	for i := range states {
		states[i].CurrentState = states[i].EventState &^ scard.StateChanged
	}

	states, limit, avail := waitable(states)
	if pnp = pnp && avail && runtime.GOOS != "darwin"; pnp {
		if s.notify == scard.StateUnaware && runtime.GOOS == "windows" {
			s.notify = scard.StateFlag(len(states)) << 16 // with 0 Windows returns at once if there are readers
		}
		states = append(states, scard.ReaderState{Reader: pnpReader, CurrentState: s.notify})
	}

	if len(states) == 0 {
		pause(ctx, s.closing, maxWaitSlice)
		return nil
	}

	err := s.statusChangeWithin(ctx, c, states, limit)
	switch resultOf(err) {
	case 0:
		if pnp { // on Windows and since pcsc-lite 2.3.0 it has a counter that must be passed back
			s.notify = states[len(states)-1].EventState &^ scard.StateChanged
		}
		return nil
	case resultTimeout, resultCancelled, resultUnknownReader, resultUnavailable:
		return nil
	}

	return failed("SCardGetStatusChange", err)
}

// statusChangeWithin calls SCardGetStatusChange under statusChangeSem. The call is cancelled when ctx is done or the
// System is closed. If the cancellation has no effect, the timeout is short.
func (s *system) statusChangeWithin(ctx context.Context, c *scard.Context, states []scard.ReaderState,
	timeout time.Duration,
) error {
	select {
	case statusChangeSem <- struct{}{}:
	case <-ctx.Done():
		return scard.ErrCancelled
	}
	defer func() { <-statusChangeSem }()
	ended := make(chan struct{})
	cancelled := make(chan struct{})
	go func() {
		defer close(cancelled)
		select {
		case <-ctx.Done():
			_ = c.Cancel()
		case <-s.closing:
			_ = c.Cancel()
		case <-ended:
		}
	}()

	err := getStatusChange(c, states, timeout)
	close(ended)
	<-cancelled
	return err
}

// pause waits for d, or until ctx is done or stop is closed.
func pause(ctx context.Context, stop <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-stop:
	}
}
