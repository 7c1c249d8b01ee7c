package play

import (
	"context"
	"errors"
	"time"
)

// keyTimeout is how long a program may take for one key.
const keyTimeout = 10 * time.Second

// errDeaf is the error of a program that takes no keys.
var errDeaf = errors.New("the program has not taken the key within 10 seconds")

// Hold presses a key n times, with every between two presses by the program's clock. That goes on only when the program
// has taken a key, so that a computer that is busy does not look like a key that was let go.
func (s *Stage) Hold(ctx context.Context, press func() error, n int, every time.Duration) error {
	defer s.clock.stop()()
	late := time.NewTimer(keyTimeout)
	defer late.Stop()
	for range n {
		select {
		case <-s.clock.asked: // before this key
		default:
		}
		if err := press(); err != nil {
			return err
		}
		late.Reset(keyTimeout)
		select {
		case <-s.clock.asked: // the program looks at the clock for every key
		case <-late.C:
			return errDeaf
		case <-ctx.Done():
			return ctx.Err()
		}
		s.clock.move(every)
	}
	return nil
}
