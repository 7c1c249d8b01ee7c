package client

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// call describes one request to the hub, without its proof.
type call struct {
	method    string
	path      string     // relative to the base URL
	route     string     // path without the patient, for the log
	query     url.Values // for GET
	form      url.Values // for POST
	json      []byte     // for POST, instead of form
	header    http.Header
	requestID string
	key       *ProofKey     // nil for no proof
	token     string        // access token; "" before sign-in
	urid      string        // chosen role; "" where none is needed
	accept    string        // media type
	maxBody   int           // maximum length of the answer in bytes; 0 means MaxBody
	timeout   time.Duration // of the call; 0 means Config.Timeout

	// silent marks a read that notifies nobody. It may be repeated when an idle connection turns out to be dead.
	silent bool
	// opening marks the request that is recorded and notifies.
	opening bool
	// byBrowser marks a request of a session without a card.
	byBrowser bool
}

// answer is a response whose body has been read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do makes the call. An HTTP response of any status is an answer. Errors are *Error of the kinds for a missing answer:
// Unreachable, Untrusted, TimedOut, Cancelled, Malformed.
//
// The transport never repeats a request by itself: see unreplayable. A silent read is repeated once if its idle
// connection was closed before the first byte of the answer. It then has the same X-Request-ID and a new proof, since
// a proof can be used once.
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
		err.OutcomeUnknown = c.opening && trip.connected.Load()
		h.log.Info("hub call failed", append(attrs, slog.String("code", err.Code()))...)
		return answer{}, err
	}
	h.log.Info("hub call", append(attrs, slog.Int("status", a.status))...)
	return a, nil
}

// requestProgress records the progress of a request.
type requestProgress struct {
	reused               atomic.Bool // it used an idle connection
	connected            atomic.Bool // it had a connection, so the hub may have received it
	certificateRequested atomic.Bool // the hub requested a client certificate
}

// progressKey is the context key of the request's *trip.
type progressKey struct{}

// send makes one request and reads the response.
func (h *Hub) send(ctx context.Context, c call) (answer, *requestProgress, *Error) {
	t := &requestProgress{}
	if h.suspect.Swap(false) {
		h.http.CloseIdleConnections()
	}

	bounded, cancel := context.WithTimeout(context.WithValue(ctx, progressKey{}, t), cmp.Or(c.timeout, h.timeout))
	defer cancel()

	// left is set before the request is written. WroteHeaders would be too late: another goroutine writes, and a
	// cancelled call may return before it.
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { t.reused.Store(i.Reused); t.connected.Store(true) },
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
	limit := cmp.Or(c.maxBody, MaxBody)
	body, err := io.ReadAll(io.LimitReader(res.Body, int64(limit)+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return answer{}, t, &Error{Kind: Malformed, Status: res.StatusCode, RequestID: c.requestID, Err: err}
	case err != nil:
		return answer{}, t, h.netFailure(ctx, err, t, c.requestID)
	case len(body) > limit:
		return answer{}, t, &Error{
			Kind: Malformed, Status: res.StatusCode, RequestID: c.requestID,
			Err: errors.New("longer than any answer of the hub"),
		}
	}

	return answer{status: res.StatusCode, header: res.Header, body: body}, t, nil
}

// netFailure adds to the error of the function netFailure what is known about the request's progress. After a timeout
// it marks the connection as suspect, because it may be lost.
func (h *Hub) netFailure(ctx context.Context, err error, t *requestProgress, requestID string) *Error {
	e := netFailure(ctx, err, requestID)
	switch {
	case e.Kind == TimedOut:
		h.suspect.Store(true)
	case e.Kind == Unreachable && t.certificateRequested.Load() && !t.reused.Load():
		// In TLS 1.3 the hub rejects the missing certificate after the handshake. Its alert may be lost with the
		// connection, so the error can't be relied on.
		e.Kind = ClientCertificateRequired
	}
	return e
}

// request builds the HTTP request with a new proof.
func (h *Hub) request(ctx context.Context, c call) (*http.Request, error) {
	to := *h.base
	to.Path += c.path
	to.RawQuery = c.query.Encode()
	var body io.Reader
	switch {
	case c.form != nil:
		body = strings.NewReader(c.form.Encode())
	case c.json != nil:
		body = bytes.NewReader(c.json)
	case c.method == http.MethodGet:
		body = nonReplayableBody{}
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

	if c.json != nil {
		req.Header.Set("Content-Type", jsonType)
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

// nonReplayableBody is an empty body that net/http cannot rewind. Without it the transport would repeat a GET when an
// idle connection is dead (Request.isReplayable, Transport.shouldRetryRequest). It would send the same DPoP proof,
// which the hub accepts once, and the user would be shown that the session has ended. The body adds no bytes to the
// request.
type nonReplayableBody struct{}

// Read returns io.EOF.
func (nonReplayableBody) Read([]byte) (int, error) { return 0, io.EOF }
