package hub_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/store"
	"wardlight/internal/certtest"
)

// countedReadiness counts the checks whether the store can be read and written.
type countedReadiness struct {
	store.Store
	reads, writes atomic.Int64
	full          atomic.Bool // writes fail
}

var errFull = errors.New("disk is full")

func (c *countedReadiness) Readable(ctx context.Context) error {
	c.reads.Add(1)
	return c.Store.Readable(ctx)
}

func (c *countedReadiness) Ready(ctx context.Context) error {
	c.writes.Add(1)
	if c.full.Load() {
		return errFull
	}
	return c.Store.Ready(ctx)
}

func (c *countedReadiness) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	if c.full.Load() {
		return nil, errFull
	}
	return c.Store.Commit(ctx, entries)
}

// ready returns the status of GET /readyz.
func (b *fixture) ready() int {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.server.URL+"/readyz", nil)
	must(b.t, err)
	return b.do(req).status
}

func TestReadyz_AskedByStrangers(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := &countedReadiness{Store: open()}
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{})
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				for range 4 {
					if got := b.ready(); got != http.StatusOK {
						t.Errorf("GET /readyz: got status %d, want 200", got)
					}
				}
			})
		}

		all.Wait()
		if reads, writes := ledger.reads.Load(), ledger.writes.Load(); reads != 1 || writes != 0 {
			t.Errorf("within one second the store was read %d times and written %d times, want 1 and 0", reads, writes)
		}

		b.clock.Add(time.Second)
		b.ready()
		if reads := ledger.reads.Load(); reads != 2 {
			t.Errorf("a second later the store had been read %d times, want 2", reads)
		}

		operator := httptest.NewServer(b.hub.Health())
		defer operator.Close()
		b.server.URL, operator.URL = operator.URL, b.server.URL
		b.ready()
		b.server.URL, operator.URL = operator.URL, b.server.URL
		if writes := ledger.writes.Load(); writes != 1 {
			t.Errorf("/readyz on the operator's listener wrote %d times, want 1", writes)
		}

		x := b.signIn()
		ledger.full.Store(true)
		if r := x.get(nurse, flag, about(tess)); r.status != http.StatusServiceUnavailable {
			t.Fatalf("lamp with a full disk: got status %d, want 503", r.status)
		}

		b.clock.Add(time.Second)
		if got := b.ready(); got != http.StatusServiceUnavailable {
			t.Errorf("GET /readyz after a failed commit: got status %d, want 503", got)
		}

		ledger.full.Store(false)
		b.clock.Add(time.Second)
		if got := b.ready(); got != http.StatusOK {
			t.Errorf("GET /readyz once the disk has space: got status %d, want 200", got)
		}
	})
}

// countedWrites counts the writes to the ledger.
type countedWrites struct {
	store.Store
	n atomic.Int64
}

func (c *countedWrites) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	c.n.Add(1)
	return c.Store.Commit(ctx, entries)
}

func (c *countedWrites) Ready(ctx context.Context) error {
	c.n.Add(1)
	return c.Store.Ready(ctx)
}

func TestStrangers_WriteNothing(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		ledger := &countedWrites{Store: open()}
		fillStore(t, ledger)
		b := besides(t, ledger, newAuthority(t, "Sub CA"), &clock{now: start}, silence{})
		x, unknown := b.terminal(), newAuthority(t, "Another CA")
		x.token = "nobody-gave-this"
		for range 20 {
			b.nonce()
			b.ready()
			x.refused()
			b.post("/oauth2/revoke", url.Values{"token": {x.token}}, "")
			x.try(unknown.issue(t, certtest.P256(t), jose.ES256, nurseUUID))
			(&office{b, "V999", "bad"}).csv("1", sheet(tomsRow))
		}
		if n := ledger.n.Load(); n != 0 {
			t.Errorf("unauthenticated requests wrote %d times, want none", n)
		}
	})
}
