package nationaltest

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// Gateway answers with a page of the platform's gateway or of a proxy in between.
func Gateway(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte("<html><head><title>" + http.StatusText(status) + "</title></head><body><h1>" +
			strconv.Itoa(status) + "</h1><hr><p>gateway</p></body></html>"))
	}
}

// Outcome answers with an error of PDS.
func Outcome(status int, issue, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
		outcome(w, status, issue, code, "")
	}
}

// Wait answers with the status, and asks to wait for so many seconds.
func Wait(status, seconds int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		outcome(w, status, "transient", "UNABLE_TO_CALL_SERVICE", "")
	}
}

// Body answers 200 with a body and its media type.
func Body(mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
		_, _ = w.Write([]byte(body))
	}
}

// Refusal answers like the token end-point with an error.
func Refusal(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { refuse(w, status, code, "refused by a test") }
}

// Hang answers nothing. It reads the body, because the server notices a closed connection only after that. When the
// client gives up, Hang closes the connection: an answer would overtake the client's closing of the TLS connection.
func Hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// Drop closes the connection without an answer.
func Drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// SetClock replaces the platform's clock.
func (p *Platform) SetClock(clock func() time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock = clock
}

// now returns the platform's time.
func (p *Platform) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clock()
}
