package national

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"wardlight/internal/certerror"
)

// Defaults of [Config].
const (
	DefaultTimeout = 4 * time.Second // shorter than that of the terminal's calls
	DefaultMaxBody = 1 << 20
)

// maxTries is the maximum number of attempts of one request.
const maxTries = 3

// Headers of requests to the NHS API platform.
const (
	headerRequestID     = "X-Request-ID"
	headerCorrelationID = "X-Correlation-ID"
	headerURID          = "NHSD-Session-URID"
	headerEndUserOrg    = "NHSD-End-User-Organisation-ODS"
)

// Config configures a Client. Service, BaseURL, Clock, After and NewID are required.
type Config struct {
	Service  string           // PDS, PatientFlags or Spine
	BaseURL  string           // without a trailing slash
	HTTP     *http.Client     // see NewHTTP; nil trusts the system's CAs
	Tokens   *Tokens          // access tokens; nil for a service without
	Timeout  time.Duration    // of one request with its token, repetitions and waiting; 0 means DefaultTimeout
	MaxBody  int64            // maximum length of an answer in bytes; 0 means DefaultMaxBody
	Clock    func() time.Time // returns the hub's time
	After    func(time.Duration) <-chan time.Time
	NewID    func() string // returns a new UUID
	Log      *slog.Logger  // receives failures, without patients; nil logs nothing
	Observer Observer      // may be nil
}

// Observer receives the results of requests to national services. Its methods must not block.
type Observer interface {
	// AskedNational is called after a request to the service. result is "answered", or the name of a [Kind].
	AskedNational(service, result string)
}

// answered is the result of a request that was answered.
const answered = "answered"

// Results returns the results that an [Observer] receives, in order.
func Results() []string {
	return append([]string{answered}, slices.Sorted(maps.Values(kindNames))...)
}

// Client calls one national service. It is safe for concurrent use.
type Client struct {
	config  Config
	http    *http.Client
	circuit circuit
}

// New returns a Client. It makes no request.
func New(c Config) *Client {
	c.Timeout, c.MaxBody = cmp.Or(c.Timeout, DefaultTimeout), cmp.Or(c.MaxBody, DefaultMaxBody)
	if c.HTTP == nil {
		c.HTTP = NewHTTP(nil)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Client{config: c, http: c.HTTP}
}

// NewHTTP returns an HTTP client that trusts only roots, or the system's roots if roots is nil. It follows no
// redirect, because that would send the token to an address that is not configured.
func NewHTTP(roots *x509.CertPool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    DefaultTimeout,
			MaxIdleConnsPerHost:    16,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Request is a request to a national service.
type Request struct {
	Method string     // "" means GET
	Path   string     // below the base URL, escaped
	Query  url.Values // may be nil
	Header http.Header
	Body   []byte
	// Once marks a request that notifies. It is sent at most once, and a failure after that has MayBeTold.
	Once bool
	// Read parses an answer, and returns its error as that of the request, so that it is logged and counted. It may be
	// nil.
	Read func(Answer) error
	// Statuses are error statuses that are answers to this request, and no failures.
	Statuses []int
}

// Fail returns a Failure of this service about an answer.
func (c *Client) Fail(k Kind, a Answer, detail string) *Failure {
	return &Failure{Service: c.config.Service, Kind: k, Status: a.Status, Detail: detail}
}

// Do sends the request for the caller in ctx, or for the hub itself. It returns the answer with any 2xx status, 400,
// 404, and other 4xx statuses that don't concern credentials or limits. Other errors are *Failure, or that of ctx.
//
// A refused token is replaced once. A 429, and a 503 with Retry-After, is repeated after that time if it is within the
// timeout.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	a, err := c.do(ctx, r)
	if err == nil && r.Read != nil {
		err = r.Read(a)
	}

	c.Report(ctx, err)
	return a, err
}

// Report logs and counts the result of a request. Call it for a *Failure that is found after [Client.Do] has returned.
func (c *Client) Report(ctx context.Context, err error) {
	result := answered
	if f := (*Failure)(nil); errors.As(err, &f) {
		result = f.Kind.String()
		who, _ := CallerOf(ctx)
		c.config.Log.WarnContext(ctx, "A request to a national service failed.", "service", f.Service, "failure",
			result, "status", f.Status, "detail", f.Detail, "request", who.RequestID, "error", f.ServiceErr)
	}
	if c.config.Observer != nil {
		c.config.Observer.AskedNational(c.config.Service, result)
	}
}

// SignIn returns a *Failure of kind SignInNeeded if the service requires a sign-in with CIS2 that the caller in ctx
// doesn't have at this hub. It makes no request.
func (c *Client) SignIn(ctx context.Context) error {
	who, ok := CallerOf(ctx)
	if !ok || !c.config.Tokens.OfPersons() {
		return nil
	}
	if _, err := c.config.Tokens.idToken(ctx, who); err != nil {
		return c.ofService(ctx, err)
	}
	return nil
}

// Base returns the base URL, without a trailing slash.
func (c *Client) Base() string { return c.config.BaseURL }

func (c *Client) do(ctx context.Context, r Request) (Answer, error) {
	began := c.config.Clock()
	if since, wait, ok := c.circuit.allow(began); !ok {
		return Answer{}, &Failure{
			Service: c.config.Service, Kind: Unavailable, Since: since, Wait: wait,
			Detail: "no request was sent, because the service did not answer the last ones",
		}
	}

	bounded, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	replaced := false
	for tries := 1; ; tries++ {
		a, token, err := c.send(bounded, r)
		if err != nil {
			return Answer{}, c.countFailure(ctx, err)
		}

		f := c.failureOf(a)
		if f == nil || slices.Contains(r.Statuses, a.Status) {
			c.circuit.answered()
			return a, nil
		}
		f.MayBeTold = r.Once && (f.Kind == TimedOut || f.Kind == Unavailable || f.Kind == Malformed)
		if r.Once || tries == maxTries {
			return Answer{}, c.countFailure(ctx, f)
		}

		switch {
		case a.Status == http.StatusUnauthorized && token != "" && !replaced:
			c.config.Tokens.Forget(token)
			replaced = true
		case f.Wait > 0 && f.Wait < c.config.Timeout-c.config.Clock().Sub(began):
			select {
			case <-c.config.After(f.Wait):
			case <-bounded.Done():
				return Answer{}, c.countFailure(ctx, f)
			}
		default:
			return Answer{}, c.countFailure(ctx, f)
		}
	}
}

// countFailure records the failure in the circuit if the service didn't answer. It adds since when the service has
// been down. If the caller has given up, that says nothing about the service.
func (c *Client) countFailure(ctx context.Context, err error) error {
	f := (*Failure)(nil)
	switch {
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
	case !errors.As(err, &f):
	case f.Kind == Unavailable:
		f.Since = c.circuit.failed(c.config.Clock())
	case f.Kind == TimedOut:
		c.circuit.failed(c.config.Clock())
	default:
		c.circuit.answered()
	}
	return err
}

// send makes one attempt. It returns the token that it used.
func (c *Client) send(ctx context.Context, r Request) (Answer, string, error) {
	token := ""
	if c.config.Tokens != nil {
		var err error
		if token, err = c.config.Tokens.Token(ctx); err != nil {
			return Answer{}, "", c.ofService(ctx, err)
		}
	}

	req, err := c.request(ctx, r, token)
	if err != nil {
		return Answer{}, "", &Failure{Service: c.config.Service, Kind: Unavailable, Detail: "the request is not valid"}
	}

	a, err := exchange(c.http, req, c.config.MaxBody)
	if err != nil {
		f := c.ofService(ctx, err)
		var network *net.OpError
		f.MayBeTold = r.Once && (!errors.As(err, &network) || network.Op != "dial")
		return Answer{}, token, f
	}

	// PDS mirrors the ID. An answer with another one is a stored answer to another request.
	if id := a.Header.Get(headerRequestID); id != "" && id != req.Header.Get(headerRequestID) {
		return Answer{}, token, c.Fail(Malformed, a, "the answer is to another request")
	}

	return a, token, nil
}

// request returns the HTTP request. Each attempt has its own X-Request-ID, because the platform takes a repeated one
// for a repeated request. X-Correlation-ID is the ID of the caller's request.
func (c *Client) request(ctx context.Context, r Request, token string) (*http.Request, error) {
	to := c.config.BaseURL + r.Path
	if len(r.Query) > 0 {
		to += "?" + r.Query.Encode()
	}

	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodGet), to, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}

	req.Header.Set("Accept", "application/fhir+json")
	id := c.config.NewID()
	req.Header.Set(headerRequestID, id)
	req.Header.Set(headerCorrelationID, id)
	if who, ok := CallerOf(ctx); ok {
		req.Header.Set(headerCorrelationID, who.RequestID)
		req.Header.Set(headerEndUserOrg, who.OrgODS)
		if c.config.Tokens.OfPersons() {
			req.Header.Set(headerURID, who.URID)
		}
	}

	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}

	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}

	return req, nil
}

// exchange sends a request and reads the answer, whose body has at most maxBody bytes.
func exchange(client *http.Client, req *http.Request, maxBody int64) (Answer, error) {
	res, err := client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		return Answer{}, err
	}
	if int64(len(body)) > maxBody {
		return Answer{}, &Failure{Kind: Malformed, Status: res.StatusCode, Detail: "the answer is too long"}
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: body}, nil
}

// ofService returns the Failure for an error without an answer. Its detail contains neither address nor patient.
func (c *Client) ofService(ctx context.Context, err error) *Failure {
	f := (*Failure)(nil)
	if errors.As(err, &f) {
		f.Service = c.config.Service
		return f
	}

	// The outer *url.Error has the URL, and in it the patient.
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}

	f = &Failure{Service: c.config.Service, Kind: Unavailable, Detail: "no connection", ServiceErr: err}
	var named *certerror.Error
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		f.Kind, f.Detail = TimedOut, "no answer in time"
	case errors.As(certerror.Nameless(err), &named):
		f.Detail, f.ServiceErr = named.Reason.Words(), nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		f.Kind, f.Detail = Malformed, "the answer ended early"
	}

	return f
}

// failureOf returns the Failure that an answer with an error status stands for, or nil.
func (c *Client) failureOf(a Answer) *Failure {
	fail := func(k Kind, detail string) *Failure {
		f := c.Fail(k, a, detail)
		f.Wait = retryAfter(a, c.config.Clock())
		return f
	}

	switch {
	case a.Status == http.StatusUnauthorized:
		return fail(Refused, "the token was refused")
	case a.Status == http.StatusForbidden:
		return fail(Refused, "the request was refused")
	case a.Status == http.StatusTooManyRequests:
		return fail(Busy, "too many requests")
	case a.Status == http.StatusRequestTimeout, a.Status == http.StatusGatewayTimeout:
		return fail(TimedOut, "the service timed out")
	case a.Status >= http.StatusInternalServerError:
		return fail(Unavailable, "the service failed")
	case a.Status >= 300 && a.Status < 400:
		return fail(Malformed, "a redirect")
	default:
		return nil
	}
}

// maxRetryAfter is the maximum of a Retry-After. A longer time is reduced to it.
const maxRetryAfter = time.Hour

// retryAfter returns the Retry-After of a 429 or 503, in seconds or as a date (RFC 9110 §10.2.3), or 0 if there is
// none. A date is compared with the Date of the answer, if it has one, so that a wrong clock doesn't matter.
func retryAfter(a Answer, now time.Time) time.Duration {
	if a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable {
		return 0
	}
	given := a.Header.Get("Retry-After")
	if n, err := strconv.Atoi(given); err == nil {
		return time.Duration(max(0, min(n, int(maxRetryAfter/time.Second)))) * time.Second
	}
	until, err := http.ParseTime(given)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(a.Header.Get("Date")); err == nil {
		now = date
	}
	return max(0, min(until.Sub(now), maxRetryAfter))
}
