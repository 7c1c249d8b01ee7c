//go:build cgo || windows

package pcsc

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ebfe/scard"
)

// manyReaders returns the states of n readers. PC/SC must not be asked about more than maxStates of them at once.
func manyReaders(n int) []scard.ReaderState {
	states := make([]scard.ReaderState, n)
	for i := range states {
		states[i].Reader = fmt.Sprint("Reader ", i)
	}
	return states
}

func TestStatesNow_MoreReadersThanTheServiceTakes(t *testing.T) {
	for _, n := range []int{1, 15, 16, 17, 40} {
		states, asked := manyReaders(n), 0
		err := statesNow(states, func(some []scard.ReaderState, timeout time.Duration) error {
			if asked++; len(some) == 0 || len(some) > maxStates || timeout != 0 {
				t.Errorf("%d readers: asked about %d with timeout %v, want 1 to %d and 0",
					n, len(some), timeout, maxStates)
			}
			for i := range some {
				some[i].EventState = scard.StatePresent
			}
			return scard.ErrTimeout
		})
		if err != nil || asked != (n+maxStates-1)/maxStates {
			t.Errorf("%d readers: asked %d times, error %v", n, asked, err)
		}

		for _, s := range states {
			if s.EventState != scard.StatePresent {
				t.Errorf("%d readers: not asked about %s", n, s.Reader)
			}
		}
	}

	if err := statesNow(manyReaders(40), func([]scard.ReaderState, time.Duration) error {
		return scard.ErrUnknownReader
	}); !errors.Is(err, scard.ErrUnknownReader) {
		t.Errorf("statesNow with a reader that disappeared: got error %v, want %v", err, scard.ErrUnknownReader)
	}
}

func TestWaitable(t *testing.T) {
	for _, c := range []struct {
		readers, waited int
		limit           time.Duration
		pnp             bool
	}{
		{0, 0, maxWaitSlice, true},
		{1, 1, maxWaitSlice, true},
		{15, 15, maxWaitSlice, true},
		{16, 16, maxWaitSlice, false},
		{17, 16, manyReadersSlice, false},
		{40, 16, manyReadersSlice, false},
	} {
		some, limit, pnp := waitable(manyReaders(c.readers))
		if len(some) != c.waited || limit != c.limit || pnp != c.pnp {
			t.Errorf("waitable(%d readers) = %d states, %v, pnp %v, want %+v", c.readers, len(some), limit, pnp, c)
		}
	}
}
