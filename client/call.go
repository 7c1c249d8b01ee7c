package client

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

// call is one request to the hub, before it has a proof and a connection.
type call struct {
	method    string
	path      string     // below the base
	route     string     // the path without the patient, for the log
	query     url.Values // of a GET
	form      url.Values // of a POST
	header    http.Header
	requestID string
	key       *ProofKey // nil: no proof
	token     string    // the access token; "" before there is one
	urid      string    // the role chosen; "" where none is needed
	accept    string    // media type

	// silent marks a read that notifies nobody and may be asked again when a kept connection turns out to be dead.
	silent bool
	// opening marks the read that is recorded and notifies.
	opening bool
}

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do makes the call. Its errors are *Error of the kinds that mean 'no answer': Unreachable, Untrusted, TimedOut,
// Cancelled, Rubbish. Any HTTP status is an answer.
//
// Nothing is sent twice behind the caller's back: see unreplayable. A silent read whose kept connection died before a
// byte of the answer came is sent once more, with the same X-Request-ID and a proof of its own, since a proof serves
// once.
func (h *Hub) do(ctx context.Context, c call) (answer, error) {
	began := h.clock()
	a, trip, err := h.send(ctx, c)
	if err != nil && c.silent && trip.reused.Load() && err.Kind == Unreachable && ctx.Err() == nil {
		a, trip, err = h.send(ctx, c)
	}
	attrs := []any{
		slog.String("route", c.method+" "+c.route), slog.String("request_id", c.requestID),
		slog.Duration("took", h.clock().Sub(began)),
	}
	if err != nil {
		err.Unsettled = c.opening && trip.left.Load()
		h.log.Info("hub call failed", append(attrs, slog.String("code", err.Code()))...)
		return answer{}, err
	}
	h.log.Info("hub call", append(attrs, slog.Int("status", a.status))...)
	return a, nil
}

// trip is what became known of a request on its way.
type trip struct {
	reused atomic.Bool // it went over a kept connection
	left   atomic.Bool // it had a connection, so the hub may have it
	wanted atomic.Bool // the hub asked for a certificate of this computer
}

// tripKey is where a context has the *trip of its request.
type tripKey struct{}

// send makes one request and reads its answer.
func (h *Hub) send(ctx context.Context, c call) (answer, *trip, *Error) {
	t := &trip{}
	if h.suspect.Swap(false) {
		h.http.CloseIdleConnections()
	}
	bounded, cancel := context.WithTimeout(context.WithValue(ctx, tripKey{}, t), h.timeout)
	defer cancel()
	// WroteHeaders would be too late for left: another goroutine writes, and a call that is cancelled meanwhile returns
	// before it.
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { t.reused.Store(i.Reused); t.left.Store(true) },
	})
	req, err := h.request(traced, c)
	if err != nil {
		return answer{}, t, &Error{Kind: Unexpected, RequestID: c.requestID, Err: err}
	}
	res, err := h.http.Do(req)
	if err != nil {
		return answer{}, t, h.netFailure(ctx, err, t, c.requestID)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxBody+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return answer{}, t, &Error{Kind: Rubbish, Status: res.StatusCode, RequestID: c.requestID, Err: err}
	case err != nil:
		return answer{}, t, h.netFailure(ctx, err, t, c.requestID)
	case len(body) > MaxBody:
		return answer{}, t, &Error{Kind: Rubbish, Status: res.StatusCode, RequestID: c.requestID, Err: errors.New("longer than any answer of the hub")}
	}
	return answer{status: res.StatusCode, header: res.Header, body: body}, t, nil
}

// netFailure returns the package's, with what is known of the request's way. It remembers that a connection which
// brought no answer in time may be a line that is lost.
func (h *Hub) netFailure(ctx context.Context, err error, t *trip, requestID string) *Error {
	e := netFailure(ctx, err, requestID)
	switch {
	case e.Kind == TimedOut:
		h.suspect.Store(true)
	case e.Kind == Unreachable && t.wanted.Load() && !t.reused.Load():
		// In TLS 1.3 the refusal comes after the handshake, and may be lost with the connection: its alert can't be counted
		// on.
		e.Kind = CertificateWanted
	}
	return e
}

// request builds the HTTP request with a proof of its own.
func (h *Hub) request(ctx context.Context, c call) (*http.Request, error) {
	to := *h.base
	to.Path += c.path
	to.RawQuery = c.query.Encode()
	var body io.Reader
	switch {
	case c.form != nil:
		body = strings.NewReader(c.form.Encode())
	case c.method == http.MethodGet:
		body = unreplayable{}
	}
	req, err := http.NewRequestWithContext(ctx, c.method, to.String(), body)
	if err != nil {
		return nil, err
	}
	for name, values := range c.header {
		req.Header[name] = values
	}
	if c.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", c.accept)
	req.Header.Set("X-Request-ID", c.requestID)
	if h.agent != "" {
		req.Header.Set("User-Agent", h.agent)
	}
	if c.urid != "" {
		req.Header.Set("NHSD-Session-URID", c.urid)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "DPoP "+c.token)
	}
	if c.key != nil {
		proof, err := c.key.proof(c.method, &to, c.token, h.clock(), h.newID())
		if err != nil {
			return nil, err
		}
		req.Header.Set("DPoP", proof)
	}
	return req, nil
}

// unreplayable is an empty body that net/http cannot rewind. Without it the transport sends a GET again by itself
// when a kept connection dies (Request.isReplayable, Transport.shouldRetryRequest): with the same DPoP proof, which
// serves once, so that the hub would refuse the second and the user would be told that the session is over. It puts
// no byte on the wire.
type unreplayable struct{}

// Read is at its end at once.
func (unreplayable) Read([]byte) (int, error) { return 0, io.EOF }
