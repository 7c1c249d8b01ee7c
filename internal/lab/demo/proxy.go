package demo

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// proxy stands before the hub, as a hospital's own would.
type proxy struct {
	status atomic.Int32 // that it answers with; 0 passes every request on
}

// before puts the proxy in front of a handler.
func (p *proxy) before(hub http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := int(p.status.Load())
		if status == 0 {
			hub.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><title>%d %s</title></head><body><h1>This request was answered by a proxy</h1></body></html>\n",
			status, http.StatusText(status))
	})
}

// AnswerWith makes a proxy in front of the hub answer every request with the HTTP status and a page of HTML; 0 takes
// it away.
func (d *Demo) AnswerWith(status int) { d.proxy.status.Store(int32(status)) }
