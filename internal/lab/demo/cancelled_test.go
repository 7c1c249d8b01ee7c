package demo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// A terminal that is closed while the demo starts ends the start, at whatever it is doing.
func TestAStartThatIsCutOffLeavesNothing(t *testing.T) {
	for _, calls := range []int{0, 1, 3, 10, 30} {
		ctx, cancel := context.WithCancel(t.Context())
		var left atomic.Int64
		left.Store(int64(calls))
		clock := func() time.Time { // the clock is read all along the start
			if left.Add(-1) <= 0 {
				cancel()
			}
			return time.Now()
		}
		folder := filepath.Join(t.TempDir(), "demo")
		d, err := Start(ctx, Options{Folder: folder, Clock: clock, People: 50})
		cancel()
		switch {
		case err == nil: // cut off after the last thing that could notice
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		case !errors.Is(err, context.Canceled):
			t.Errorf("cut off after %d looks at the clock: %v", calls, err)
		}
		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("cut off after %d looks at the clock: the folder is still there (%v)", calls, err)
		}
	}
}
