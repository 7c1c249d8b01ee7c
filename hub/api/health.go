package api

import (
	"context"
	"net/http"
	"time"
)

// readyTimeout is how long the store may take to say that it is well.
const readyTimeout = 2 * time.Second

func (a *API) live(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, health{"alive"})
}

// Health returns the two routes by themselves.
func (a *API) Health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", a.live)
	mux.HandleFunc("GET /readyz", a.ready)
	return mux
}

// Stopping has ready say no from now on.
func (a *API) Stopping() { a.stopping.Store(true) }

// ready says whether requests can be answered: the books read, and the ledger written.
func (a *API) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if a.stopping.Load() {
		writeJSON(w, http.StatusServiceUnavailable, health{"stopping"})
		return
	}
	if err := a.Ready(ctx); err != nil {
		a.Log.ErrorContext(ctx, "The store is not ready.", "error", err)
		writeJSON(w, http.StatusServiceUnavailable, health{"not ready"})
		return
	}
	writeJSON(w, http.StatusOK, health{"ready"})
}

type health struct {
	Status string `json:"status"`
}
