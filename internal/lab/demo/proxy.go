package demo

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// proxy is a reverse proxy in front of the hub, as a hospital may have one.
type proxy struct {
	status atomic.Int32 // status with which every request is answered; 0 to forward requests
}

// before returns a handler that passes requests through the proxy to the hub.
func (p *proxy) before(hub http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := int(p.status.Load())
		if status == 0 {
			hub.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><title>%d %s</title></head><body><h1>This request was "+
			"answered by a proxy</h1></body></html>\n",
			status, http.StatusText(status))
	})
}

// AnswerWith makes a proxy in front of the hub answer every request with the HTTP status and an HTML document. A
// status of 0 forwards requests to the hub again.
func (d *Demo) AnswerWith(status int) { d.proxy.status.Store(int32(status)) }
