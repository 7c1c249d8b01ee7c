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

// pnpReader is the name under which PC/SC tells that a reader came or went. macOS does not know it.
const pnpReader = `\\?PnP?\Notification`

// maxEmptyWaits is how many times in one Wait the pnpReader may report a change that is none before it is left out:
// some services (Windows, old pcsc-lite) would keep the processor busy with it.
const maxEmptyWaits = 3

// maxStates is how many states one SCardGetStatusChange takes: pcsc-lite refuses more (PCSCLITE_MAX_READERS_CONTEXTS), as
// many as it has room for readers. The pnpReader is one of them.
const maxStates = 16

// statusChange lets one SCardGetStatusChange at a time through, in the whole process: scard keeps the names of readers
// alive in one global map by name, so that of two calls that name the same reader the second frees the first one's
// string while C still reads it. The map is global in scard, hence this guard here.
var statusChange = make(chan struct{}, 1)

// oneLook is statusChange for lookAt, which must not wait for a Wait: what follows a name's end is no part of it for C, but
// makes it another one in scard's map.
var oneLook = make(chan struct{}, 1)

const nameOfLook = "\x00look"

// lookAt returns the named reader as it is now, in a context of its own, so that it takes no time beside a transaction that
// begins. It returns a Reader without an ATR where that fails, and on Windows, whose count of events could not be tried.
func (s *system) lookAt(reader string) cardreader.Reader {
	if runtime.GOOS == "windows" {
		return cardreader.Reader{}
	}
	c, _, err := s.contexts.get()
	if err != nil {
		return cardreader.Reader{}
	}
	oneLook <- struct{}{}
	state := []scard.ReaderState{{Reader: reader + nameOfLook}}
	err = getStatusChange(c, state, 0)
	<-oneLook
	if err != nil {
		_ = c.Release()
		return cardreader.Reader{}
	}
	s.contexts.give(c)
	return readerOf(state[0])
}

// Wait implements cardreader.System.
func (s *system) Wait(ctx context.Context, known []cardreader.Reader, timeout time.Duration) ([]cardreader.Reader, error) {
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
		s.contexts.drop()
		return nil, err
	}
	s.contexts.give(c)
	return now, nil
}

func (s *system) wait(ctx context.Context, c *scard.Context, known []cardreader.Reader, timeout time.Duration) ([]cardreader.Reader, error) {
	limit, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for waits := 0; ; waits++ {
		select {
		case <-s.closing:
			return nil, &cardreader.Error{Kind: cardreader.ServiceDown}
		default:
		}
		now, states, err := look(c)
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

// look takes the readers as they are, sorted by name, and the raw states to wait for a change of.
func look(c *scard.Context) ([]cardreader.Reader, []scard.ReaderState, error) {
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
		statusChange <- struct{}{} // whoever holds it waits for no more than a slice
		err = statesNow(states, func(some []scard.ReaderState, timeout time.Duration) error { return getStatusChange(c, some, timeout) })
		<-statusChange
		switch result := resultOf(err); {
		case err == nil, result == resultTimeout:
			readers := make([]cardreader.Reader, len(states))
			for i, state := range states {
				readers[i] = readerOf(state)
			}
			return readers, states, nil
		case (result == resultUnknownReader || result == resultUnavailable) && tries < 3:
			continue // a reader went between the two calls
		}
		return nil, nil, failed("SCardGetStatusChange", err)
	}
}

// listReaders returns the names of all readers; none is no error. The list may grow between the two calls that scard
// makes.
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
		Name: state.Reader, Present: has(scard.StatePresent), InUse: has(scard.StateInuse),
		Events: uint16(state.EventState >> 16),
	}
	if r.Present {
		r.Mute, r.Taken, r.ATR = has(scard.StateMute), has(scard.StateExclusive), state.Atr
	}
	return r
}

// statesNow asks for the states as they are now, as many at a time as the service takes.
func statesNow(states []scard.ReaderState, ask func([]scard.ReaderState, time.Duration) error) error {
	for some := range slices.Chunk(states, maxStates) {
		if err := ask(some, 0); err != nil && resultOf(err) != resultTimeout {
			return err
		}
	}
	return nil
}

// waitable returns the states to wait for a change of, for how long, and whether there is room for the pnpReader. Of more
// readers than the service takes at a time the first are waited for, and all are looked at more often.
func waitable(states []scard.ReaderState) (some []scard.ReaderState, limit time.Duration, pnp bool) {
	if len(states) > maxStates {
		return states[:maxStates], crowdedSlice, false
	}
	return states, slice, len(states) < maxStates
}

// block returns when a state may have changed, a slice of time has passed, or ctx ends.
func (s *system) block(ctx context.Context, c *scard.Context, states []scard.ReaderState, pnp bool) error {
	for i := range states {
		states[i].CurrentState = states[i].EventState &^ scard.StateChanged
	}
	states, limit, room := waitable(states)
	if pnp = pnp && room && runtime.GOOS != "darwin"; pnp {
		if s.notify == scard.StateUnaware && runtime.GOOS == "windows" {
			s.notify = scard.StateFlag(len(states)) << 16 // Windows returns at once when it is 0 and readers exist
		}
		states = append(states, scard.ReaderState{Reader: pnpReader, CurrentState: s.notify})
	}
	if len(states) == 0 {
		pause(ctx, s.closing, slice)
		return nil
	}
	err := s.statusChangeWithin(ctx, c, states, limit)
	switch resultOf(err) {
	case 0:
		if pnp { // since pcsc-lite 2.3.0 and on Windows it carries a counter that must be given back
			s.notify = states[len(states)-1].EventState &^ scard.StateChanged
		}
		return nil
	case resultTimeout, resultCancelled, resultUnknownReader, resultUnavailable:
		return nil
	}
	return failed("SCardGetStatusChange", err)
}

// statusChangeWithin calls SCardGetStatusChange under the guard. When ctx ends, or the System is closed, the wait is
// cancelled; should that be lost, the wait is short.
func (s *system) statusChangeWithin(ctx context.Context, c *scard.Context, states []scard.ReaderState, timeout time.Duration) error {
	select {
	case statusChange <- struct{}{}:
	case <-ctx.Done():
		return scard.ErrCancelled
	}
	defer func() { <-statusChange }()
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

// pause waits for d, or until ctx ends or stop is closed.
func pause(ctx context.Context, stop <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-stop:
	}
}
