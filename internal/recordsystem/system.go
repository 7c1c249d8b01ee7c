package recordsystem

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/secretstore"
)

// DefaultTimeout is the timeout for a request if Config.Timeout is zero.
const DefaultTimeout = 10 * time.Second

// maxBody is the maximum size of a response in bytes.
const maxBody = 1 << 20

// maxToken is the maximum length of a token in bytes.
const maxToken = 16 << 10

// Config configures a System. BaseURL, Token and NewID are required.
type Config struct {
	BaseURL string       // of the FHIR R4 interface; https, or http for a loopback address
	HTTP    *http.Client // with the trusted roots; redirects are not followed
	// Token returns the bearer token for the record system. The returned slice is cleared after use.
	Token   func(context.Context) ([]byte, error)
	NewID   func() string // returns a new random UUID
	Timeout time.Duration // for one request; 0 means DefaultTimeout
	Agent   string        // User-Agent
}

// System is a client of a record system's FHIR interface. It is safe for concurrent use.
type System struct {
	base    string
	http    *http.Client
	token   func(context.Context) ([]byte, error)
	newID   func() string
	timeout time.Duration
	agent   string
}

// NewSystem returns a System without sending a request. The error is that of [CheckBaseURL].
func NewSystem(c Config) (*System, error) {
	if err := CheckBaseURL(c.BaseURL); err != nil {
		return nil, err
	}

	s := &System{
		base: strings.TrimRight(c.BaseURL, "/"), token: c.Token, newID: c.NewID, timeout: c.Timeout,
		agent: c.Agent,
	}
	if s.timeout <= 0 {
		s.timeout = DefaultTimeout
	}

	var transport http.RoundTripper
	if c.HTTP != nil {
		transport = c.HTTP.Transport
	}

	// Redirects are not followed: the token would be sent to an address that nobody configured.
	s.http = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}

	return s, nil
}

// CheckBaseURL returns an error if a token may not be sent to the address.
func CheckBaseURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("the record system's address %q is not of the form https://records.example/fhir", s)
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	default:
		return fmt.Errorf("the record system's address %q must begin with https: http is for this computer alone", s)
	}
}

// loopback reports whether host is "localhost" or a loopback address.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Create writes the flag if it doesn't exist yet (FHIR R4 http.html#ccreate), and reports whether it existed. Errors
// are *Error. After Unreachable, TimedOut, Failing and Malformed the flag may have been written. Calling Create again
// does not write a second one.
func (s *System) Create(ctx context.Context, f Flag) (already bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	body, err := json.Marshal(resourceOf(f))
	if err != nil {
		return false, &Error{Kind: Unexpected, Err: err}
	}
	defer clear(body)
	identifier := identifierOf(f.Number)
	a, err := s.call(ctx, http.MethodPost, s.base+"/Flag", body, "identifier="+fhir.SystemURI+"|"+identifier)
	if err != nil {
		return false, err
	}

	switch a.status {
	case http.StatusCreated:
		return false, nil
	case http.StatusOK:
		return true, s.mustBeActive(ctx, a, identifier)
	default:
		return false, &Error{Kind: a.kind(), Status: a.status, RequestID: a.requestID}
	}
}

// mustBeActive checks that the existing flag has the identifier and is active. It reads the response or, if that
// contains no flag, searches for the flag.
func (s *System) mustBeActive(ctx context.Context, a response, identifier string) error {
	if len(bytes.TrimSpace(a.body)) == 0 || fhir.TypeOf(a.body) == "OperationOutcome" {
		query := url.Values{"identifier": {fhir.SystemURI + "|" + identifier}}
		var err error
		if a, err = s.call(ctx, http.MethodGet, s.base+"/Flag?"+query.Encode(), nil, ""); err != nil {
			return err
		}
		if a.status != http.StatusOK {
			return &Error{Kind: a.kind(), Status: a.status, RequestID: a.requestID}
		}
	}
	status, err := existing(a.body, identifier)
	switch {
	case err != nil:
		return &Error{Kind: Malformed, Status: a.status, RequestID: a.requestID, Err: err}
	case status != "active":
		return &Error{Kind: Inactive, Status: a.status, RequestID: a.requestID}
	}
	return nil
}

// response is an HTTP response.
type response struct {
	status    int
	header    http.Header
	body      []byte
	requestID string
}

func (s *System) call(ctx context.Context, method, address string, body []byte, ifNoneExist string) (response, error) {
	a := response{requestID: s.newID()}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return a, &Error{Kind: Unexpected, Err: errors.New("the request cannot be made")}
	}
	if err := s.authorise(ctx, req); err != nil {
		return a, err
	}

	req.Header.Set("Accept", fhir.MediaType)
	req.Header.Set("X-Request-ID", a.requestID)
	if s.agent != "" {
		req.Header.Set("User-Agent", s.agent)
	}

	if ifNoneExist != "" {
		req.Header.Set("Content-Type", fhir.MediaType)
		req.Header.Set("Prefer", "return=representation")
		req.Header.Set("If-None-Exist", ifNoneExist)
	}

	resp, err := s.http.Do(req)
	if err != nil {
		return a, netFailure(err, a.requestID)
	}
	defer func() { _ = resp.Body.Close() }()
	a.status, a.header = resp.StatusCode, resp.Header
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1)); err != nil {
		return a, netFailure(err, a.requestID)
	}
	if len(a.body) > maxBody {
		return a, &Error{
			Kind: Malformed, Status: a.status, RequestID: a.requestID,
			Err: errors.New("the answer is too long"),
		}
	}

	return a, nil
}

// authorise adds the token to the request.
func (s *System) authorise(ctx context.Context, req *http.Request) error {
	token, err := s.token(ctx)
	if err != nil {
		kind := NoToken
		if errors.As(err, new(*secretstore.Error)) && secretstore.KindOf(err) != secretstore.NotFound &&
			secretstore.KindOf(err) != secretstore.Absent {
			kind = NoKeyring
		}
		return &Error{Kind: kind, Err: err}
	}
	defer clear(token)
	if err := CheckToken(token); err != nil {
		return &Error{Kind: NoToken, Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+string(token))
	return nil
}

// CheckToken returns an error if the token's syntax is invalid (RFC 6750 §2.1). The error does not contain the token.
func CheckToken(token []byte) error {
	const signs = "-._~+/="
	switch {
	case len(token) == 0:
		return errors.New("the token is empty")
	case len(token) > maxToken:
		return errors.New("the token is too long")
	}
	for _, b := range token {
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if !letter && !strings.Contains(signs, string(rune(b))) {
			return errors.New("the token holds a character that no token has")
		}
	}
	return nil
}

// kind returns the kind of a response whose status is neither 200 nor 201.
func (a response) kind() Kind {
	if a.isIntercepted() {
		return Intercepted
	}
	return kindOfStatus(a.status)
}

// isIntercepted reports whether a proxy, firewall or similar system rejected the request instead of the record system.
// That is so if the status is used only by those (407; 511, RFC 6585 §6), or if the body isn't JSON. A response that
// asks for a bearer token (RFC 6750 §3) comes from the record system. Statuses about the address (404, 405, 410,
// redirects) are excluded, because the record system's own web server may send them.
func (a response) isIntercepted() bool {
	switch a.status {
	case http.StatusProxyAuthRequired, http.StatusNetworkAuthenticationRequired:
		return true
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict,
		http.StatusPreconditionFailed,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusUnavailableForLegalReasons:
		body := bytes.TrimSpace(a.body)
		challenge, _, _ := strings.Cut(a.header.Get("WWW-Authenticate"), " ")
		return len(body) > 0 && !json.Valid(body) && !strings.EqualFold(challenge, "Bearer")
	}
	return false
}

// kindOfStatus returns the kind for a status other than 200 and 201.
func kindOfStatus(status int) Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return NotAllowed
	case http.StatusPreconditionFailed:
		return Duplicate
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return Refused
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		return WrongAddress
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return Failing
	}
	switch {
	case status >= 500:
		return Failing
	case status >= 300 && status < 400:
		return WrongAddress
	}
	return Unexpected
}

// netFailure returns the error for a request without a complete response. It omits the outer *url.Error, which quotes
// the address.
func netFailure(err error, requestID string) *Error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	e := &Error{Kind: Unreachable, RequestID: requestID, Err: err}
	var (
		network      net.Error
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		record       tls.RecordHeaderError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		e.Kind = TimedOut
	case errors.As(err, &verification), errors.As(err, &authority), errors.As(err, &record),
		errors.Is(err, http.ErrSchemeMismatch):
		e.Kind = Untrusted
	}
	return e
}
