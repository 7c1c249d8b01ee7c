package hub_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/store"
)

// minutes is a timer that fires when the test does. It ignores waits other than one minute.
type minutes struct{ asked, fire chan time.Time }

func (m minutes) After(d time.Duration) <-chan time.Time {
	if d != time.Minute {
		return nil
	}
	m.asked <- time.Time{}
	return m.fire
}

func TestProof_ClockAheadAndBack(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		fillStore(t, open())
		timer := minutes{make(chan time.Time), make(chan time.Time)}
		clk := &clock{now: start}
		b := besides(t, open(), newAuthority(t, "Sub CA"), clk, silence{}, func(c *hub.Config) {
			c.After = timer.After
		})

		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.hub.Run(ctx) }()

		t.Cleanup(func() {
			stop()
			for {
				select {
				case <-timer.asked:
				case err := <-ended:
					must(t, err)
					return
				}
			}
		})
		<-timer.asked
		minute := func(by time.Duration) { // returns when the hub has read the clock
			clk.Add(by)
			timer.fire <- time.Time{}
			<-timer.asked
		}

		for range 20 {
			minute(time.Minute)
		}

		x := b.signIn()
		used := header("DPoP", x.proof("GET", flag))
		if why := x.refused(used); why != "" {
			t.Fatalf("request with a new proof was refused: %s", why)
		}

		minute(time.Hour)
		clk.Add(-time.Hour)
		if why := x.refused(used); !strings.Contains(why, "used before") {
			t.Errorf("used proof after the clock was ahead for a short time: got %q, want \"used before\"", why)
		}

		clk.Add(time.Hour)
		y := b.signIn()
		used = header("DPoP", y.proof("GET", flag))
		if why := y.refused(used); why != "" {
			t.Fatalf("request with a new proof while the clock is ahead was refused: %s", why)
		}

		for range 30 {
			minute(time.Minute)
		}

		minute(-90 * time.Minute)
		clk.Add(time.Hour) // now the proof's time is current
		if why := y.refused(used); why == "" {
			t.Error("a used proof was accepted again at the time in it")
		}

		if r := b.signIn().get(nurse, flag, about(tess)); r.status != http.StatusOK {
			t.Errorf("request in a new session: got status %d, body %s; want 200", r.status, r.body)
		}

		if log := b.log.String(); !strings.Contains(log, "ALARM: the clock was ahead") {
			t.Errorf("got log %s, want an ALARM", log)
		}
	})
}

// pruned reports the retention that the hub passes to Prune.
type pruned struct {
	store.Store
	at chan store.Retention
}

func (p pruned) Prune(ctx context.Context, now time.Time, r store.Retention) error {
	select {
	case p.at <- r:
	case <-ctx.Done():
	}
	return p.Store.Prune(ctx, now, r)
}

// TestPrune_Retention runs a hub until it prunes, with the given retention and with the default.
func TestPrune_Retention(t *testing.T) {
	const day = 24 * time.Hour
	for given, want := range map[store.Retention]store.Retention{
		{}:                                    {Sessions: day, Bodies: 365 * day, Answers: 365 * day},
		{Sessions: 3 * day, Bodies: 40 * day}: {Sessions: 3 * day, Bodies: 40 * day},
	} {
		p := pruned{at: make(chan store.Retention)}
		b := newFixture(t, func(_ *fixture, c *hub.Config) {
			p.Store = c.Store
			c.Store, c.Retention = p, given
			c.After = func(time.Duration) <-chan time.Time {
				now := make(chan time.Time, 1)
				now <- start
				return now
			}
		})

		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = b.hub.Run(ctx) })
		if got := <-p.at; got != want {
			t.Errorf("Config.Retention %+v: got %+v in Prune, want %+v", given, got, want)
		}

		stop()
		running.Wait()
	}
}
