package play

import (
	"context"
	"errors"
	"time"
)

// keyTimeout is the timeout for a program to handle one key.
const keyTimeout = 10 * time.Second

// errKeyNotHandled is returned if a program doesn't handle keys.
var errKeyNotHandled = errors.New("the program has not read the key within 10 seconds")

// HoldKey presses a key n times and advances the program's clock by every between two presses. It advances the clock
// only after the program has handled a key: otherwise a slow computer would look as if the key had been released.
func (s *Stage) HoldKey(ctx context.Context, press func() error, n int, every time.Duration) error {
	defer s.clock.stop()()
	late := time.NewTimer(keyTimeout)
	defer late.Stop()

	for range n {
		select {
		case <-s.clock.requested: // discard an earlier request
		default:
		}

		if err := press(); err != nil {
			return err
		}

		late.Reset(keyTimeout)

		select {
		case <-s.clock.requested: // the program reads the clock for every key
		case <-late.C:
			return errKeyNotHandled
		case <-ctx.Done():
			return ctx.Err()
		}

		s.clock.move(every)
	}

	return nil
}
