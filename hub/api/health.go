package api

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	readyTimeout = 2 * time.Second // how long the store may take to say that it is well
	readyAge     = time.Second     // how long the public listener answers by what the store said
)

func (a *API) live(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, health{"alive"})
}

// Health returns the two routes for the operator's listener. Its /readyz writes to the ledger each time.
func (a *API) Health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", a.live)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		a.writeReady(w, func() error { return a.check(r.Context(), a.Books.Ready) })
	})
	return mux
}

// Stopping has ready say no from now on.
func (a *API) Stopping() { a.stopping.Store(true) }

// readiness is what the public listener answers to /readyz until it is readyAge old.
type readiness struct {
	mu    sync.Mutex
	found time.Time // zero before the first check
	err   error
}

// readyForAll is GET /readyz of the public listener. However many ask, the store is asked once a second, and only to
// read: a stranger must not have the ledger written. Where the last commit failed, only a write shows whether the
// ledger can be written again.
func (a *API) readyForAll(w http.ResponseWriter, r *http.Request) {
	a.writeReady(w, func() error {
		last := &a.readiness
		last.mu.Lock()
		defer last.mu.Unlock()
		if now := a.Clock(); last.found.IsZero() || now.Sub(last.found).Abs() >= readyAge {
			check := a.Books.Readable
			if a.Ledger.Failing() {
				check = a.Books.Ready
			}
			// The answer is everybody's: it must not fail because whoever asked first has gone.
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

// writeReady says whether requests can be answered.
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
