package api

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	readyTimeout = 2 * time.Second // timeout of the store's check
	readyAge     = time.Second     // how long the public listener reuses a result
)

func (a *API) live(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, health{"alive"})
}

// Health returns the two routes for the operator's listener. Each request of its /readyz writes to the ledger.
func (a *API) Health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", a.live)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		a.writeReady(w, func() error { return a.check(r.Context(), a.Store.Ready) })
	})
	return mux
}

// Stopping makes /readyz return 503 from now on.
func (a *API) Stopping() { a.stopping.Store(true) }

// readiness is the result of the last check, which the public listener's /readyz uses until it is readyAge old.
type readiness struct {
	mu    sync.Mutex
	found time.Time // zero before the first check
	err   error
}

// readyForAll answers GET /readyz on the public listener. It reads the store at most once in readyAge, and doesn't
// write, because anybody can send the request. If the last commit failed, it writes, because only that shows whether
// the ledger can be written again.
func (a *API) readyForAll(w http.ResponseWriter, r *http.Request) {
	a.writeReady(w, func() error {
		last := &a.readiness
		last.mu.Lock()
		defer last.mu.Unlock()
		if now := a.Clock(); last.found.IsZero() || now.Sub(last.found).Abs() >= readyAge {
			check := a.Store.Readable
			if a.Ledger.Failing() {
				check = a.Store.Ready
			}
			// The result is shared, so the client's disconnection must not cancel the check.
			last.found, last.err = now, a.check(context.WithoutCancel(r.Context()), check)
		}
		return last.err
	})
}

func (a *API) check(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	err := do(ctx)
	if err != nil {
		a.Log.ErrorContext(ctx, "The store is not ready.", "error", err)
	}
	return err
}

// writeReady writes whether the hub can answer requests.
func (a *API) writeReady(w http.ResponseWriter, check func() error) {
	switch {
	case a.stopping.Load():
		writeJSON(w, http.StatusServiceUnavailable, health{"stopping"})
	case check() != nil:
		writeJSON(w, http.StatusServiceUnavailable, health{"not ready"})
	default:
		writeJSON(w, http.StatusOK, health{"ready"})
	}
}

type health struct {
	Status string `json:"status"`
}
