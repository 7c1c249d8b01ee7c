package browser

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Limits of the listener.
const (
	callbackPath  = "/callback"
	maxRequests   = 50 // browsers also ask for icons; programs on this computer may send anything
	maxHeader     = 16 << 10
	maxCode       = 4 << 10
	headerTimeout = 5 * time.Second
	pageTimeout   = 2 * time.Second // for the browser to get its page when the listener closes
)

// Listener waits on a loopback address for the browser to return from a sign-in. It is used once.
type Listener struct {
	listener net.Listener
	server   *http.Server
	state    atomic.Pointer[string] // nil until Expect is called
	requests atomic.Int64
	answers  chan answer
}

// answer is what the browser has returned.
type answer struct {
	code string
	err  error
}

// Listen opens a random port of 127.0.0.1. The error is an *Error of kind NoListener. The caller must call Close.
func Listen(ctx context.Context) (*Listener, error) {
	bound, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, &Error{Kind: NoListener, Err: err}
	}
	l := &Listener{listener: bound, answers: make(chan answer, 1)}
	l.server = &http.Server{
		Handler: l, ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout, WriteTimeout: headerTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: log.New(io.Discard, "", 0),
	}
	l.server.SetKeepAlivesEnabled(false)
	go func() { _ = l.server.Serve(bound) }()
	return l, nil
}

// RedirectURI returns the address to which the browser must return.
func (l *Listener) RedirectURI() string { return "http://" + l.listener.Addr().String() + callbackPath }

// Expect sets the state with which the browser must return. It is called before the browser is opened.
func (l *Listener) Expect(state string) { l.state.Store(&state) }

// Wait returns the code with which the browser returns. Requests with another state are refused and don't end the wait,
// so that another program on this computer can't end the sign-in. The error is an *Error of kind TimedOut if ctx's
// deadline passes, Ended if the browser returned without a code, NoListener after too many requests; or that of ctx.
func (l *Listener) Wait(ctx context.Context) (code string, err error) {
	select {
	case a := <-l.answers:
		return a.code, a.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", &Error{Kind: TimedOut}
		}
		return "", ctx.Err()
	}
}

// Close closes the port. The browser gets the page that it is being sent.
func (l *Listener) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), pageTimeout)
	defer cancel()
	if l.server.Shutdown(ctx) != nil {
		_ = l.server.Close()
	}
}

// ServeHTTP implements http.Handler.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.requests.Add(1) > maxRequests {
		l.settle(answer{err: &Error{Kind: NoListener, Err: errors.New("too many requests")}})
		page(w, http.StatusTooManyRequests, wordNotHere)
		return
	}

	// The Host header is another one if a page in the browser has had its own name resolved to 127.0.0.1.
	query := r.URL.Query()
	want := l.state.Load()
	switch {
	case r.Method != http.MethodGet || r.URL.Path != callbackPath || r.Host != l.listener.Addr().String():
		page(w, http.StatusNotFound, wordNotHere)
		return
	case want == nil || len(query["state"]) != 1 ||
		subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(*want)) != 1:
		page(w, http.StatusBadRequest, wordNotHere)
		return
	}

	code := query.Get("code")
	switch {
	case len(query["code"]) == 1 && code != "" && len(code) <= maxCode && isPrintable(code):
		page(w, http.StatusOK, wordGoBack)
		l.settle(answer{code: code})
	default: // error=access_denied, or another error
		page(w, http.StatusOK, wordEnded)
		l.settle(answer{err: &Error{Kind: Ended}})
	}
}

// settle returns an answer to Wait. Only the first one counts.
func (l *Listener) settle(a answer) {
	select {
	case l.answers <- a:
	default:
	}
}

// isPrintable reports whether a text is printable ASCII without spaces.
func isPrintable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// What the browser shows.
const (
	wordGoBack  = "You can close this window now. Go back to Wardlight: it says whether you are signed in."
	wordEnded   = "You are not signed in. You can close this window and go back to Wardlight."
	wordNotHere = "There is nothing here. Go back to Wardlight."
)

// page writes a page with one sentence. It loads nothing and passes its address to nobody.
func page(w http.ResponseWriter, status int, sentence string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Wardlight</title></head><body><p>"+
		sentence+"</p></body></html>\n")
}
