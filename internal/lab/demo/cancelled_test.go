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

// Start must return as soon as its context is cancelled, at any stage, and leave no folder behind. A user may close
// the terminal while the demo starts.
func TestAStartThatIsCutOffLeavesNothing(t *testing.T) {
	for _, calls := range []int{0, 1, 3, 10, 30} {
		ctx, cancel := context.WithCancel(t.Context())
		var left atomic.Int64
		left.Store(int64(calls))
		clock := func() time.Time { // read many times during the start
			if left.Add(-1) <= 0 {
				cancel()
			}
			return time.Now()
		}

		folder := filepath.Join(t.TempDir(), "demo")
		d, err := Start(ctx, Options{Folder: folder, Clock: clock, People: 50})
		cancel()

		switch {
		case err == nil: // cancelled after the last check of the context
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		case !errors.Is(err, context.Canceled):
			t.Errorf("cancelled after %d clock reads: Start error = %v, want context.Canceled", calls, err)
		}

		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("cancelled after %d clock reads: folder still exists (%v)", calls, err)
		}
	}
}
