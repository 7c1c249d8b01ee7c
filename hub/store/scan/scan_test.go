package scan_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/scan"
)

func TestLimit_Places(t *testing.T) {
	const places, scans = 2, 40
	l := scan.NewLimit(places, time.Minute)
	var inside, limit atomic.Int32
	met := make(chan struct{}) // closed when the maximum number of scans is running
	var all sync.WaitGroup
	for range scans {
		all.Go(func() {
			err := l.Do(t.Context(), func(ctx context.Context) error {
				n := inside.Add(1)
				defer inside.Add(-1)
				for {
					m := limit.Load()
					if n <= m || limit.CompareAndSwap(m, n) {
						break
					}
				}
				if n == places {
					select {
					case <-met:
					default:
						close(met)
					}
				}
				<-met
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}

	all.Wait()
	if limit.Load() != places {
		t.Errorf("got %d concurrent scans, want %d", limit.Load(), places)
	}
}

func TestLimit_Ends(t *testing.T) {
	failed, gone := errors.New("failed"), func() context.Context {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		return ctx
	}()
	waits := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}

	for name, c := range map[string]struct {
		ctx     context.Context //nolint:containedctx // the test case's context
		timeout time.Duration
		do      func(context.Context) error
		want    error
	}{
		"in time":             {t.Context(), time.Minute, func(context.Context) error { return nil }, nil},
		"a failure in time":   {t.Context(), time.Minute, func(context.Context) error { return failed }, failed},
		"too long":            {t.Context(), time.Microsecond, waits, store.ErrTooLong},
		"the caller has gone": {gone, time.Minute, waits, context.Canceled},
		"done as the time ran": {t.Context(), time.Microsecond, func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		}, nil},
	} {
		if err := scan.NewLimit(1, c.timeout).Do(c.ctx, c.do); !errors.Is(err, c.want) {
			t.Errorf("%s: Do = %v, want %v", name, err, c.want)
		}
	}
}

func TestLimit_ACallerWhoWaitsAndGoes(t *testing.T) {
	l := scan.NewLimit(1, time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	err := l.Do(t.Context(), func(context.Context) error {
		cancel()
		return l.Do(ctx, func(context.Context) error { return errors.New("it was let in") })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Do with a cancelled context = %v, want context.Canceled", err)
	}
}
