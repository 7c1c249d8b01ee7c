// Package api is the hub over HTTP: routes, FHIR in and out, errors.
//
// Whoever is not just anybody, a person with a session or a local authority with a credential, is served by one
// pipeline: authenticate, budget, decide, record, write. A handler in it returns its answer as a value. The answer
// leaves only after the ledger has stored what the request leaves behind: no audit, no answer.
package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/identity"
	"wardlight/hub/limit"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/hub/upload"
	"wardlight/internal/fhir"
)

// mostBody is how much of a request's body is read where its route does not say.
const mostBody = 64 << 10

// Openings finds the answers of openings on record.
type Openings interface {
	Opening(ctx context.Context, person, requestID string) (store.Opening, error)
}

// Authorities knows the local authorities by their credentials, and the files that they sent.
type Authorities interface {
	AuthorityByCredential(ctx context.Context, hash []byte) (store.Authority, error)
	Upload(ctx context.Context, authority, id string) (store.Upload, error)
	UploadOfFile(ctx context.Context, authority, file string) (store.Upload, error)
}

// Outbox knows what authorities were told, and are to be.
type Outbox interface {
	Notifications(ctx context.Context, q store.NotificationQuery) ([]store.Notification, error)
}

// Books says whether the store is well.
type Books interface {
	// Readable reports whether the books can be read. It writes nothing.
	Readable(ctx context.Context) error
	// Ready reports whether the books can be read and the ledger written.
	Ready(ctx context.Context) error
}

// Config is what an API needs. Nothing in it may be zero.
type Config struct {
	Issuer      string // the hub's public URL
	Identity    *identity.Service
	Trace       *trace.Service
	CPIS        *cpis.Service
	Ledger      *audit.Writer
	Openings    Openings
	Authorities Authorities
	Uploads     *upload.Service
	Outbox      Outbox
	Books       Books
	Told        func() // called after something was put into the outbox
	Clock       func() time.Time
	UK          *time.Location
	NewID       func() string
	Log         *slog.Logger
	Observer    Observer
	Sources     limit.Sources   // where requests come from
	Searches    *limit.Buckets  // of a person; nil for no limit
	Requests    *limit.Buckets  // of a person; nil for no limit
	Patients    *limit.Distinct // whom a person asks about; nil for no limit
	// CredentialRequests is of a credential of an authority; nil for no limit.
	CredentialRequests *limit.Buckets
}

// Observer is told of requests, without anything of a patient or a person. It must not wait.
type Observer interface {
	// Begun says that a request has come.
	Begun()
	// Answered says how the request was answered. The method is one of HTTP's, or "other"; route is the pattern that it
	// matched, "" for none.
	Answered(method, route string, status int, took time.Duration)
	// ManyPatients says that a person was answered about more different patients in an hour than the limit.
	ManyPatients()
}

// API serves the hub's routes.
type API struct {
	Config

	stopping  atomic.Bool
	readiness readiness

	refusals    *limit.Buckets // of a session or a credential: records of what it is refused for nothing that it asks
	ofAuthority sync.Map       // by the authority's code, a chan struct{} that holds the place of its upload
	reading     chan struct{}  // holds the places of the uploads that are read
	uploading   chan struct{}  // holds the place of the one upload that is worked on
}

// New makes an API.
func New(c Config) *API {
	return &API{Config: c, refusals: limit.NewBuckets(limit.Rate{PerSecond: 1.0 / 60, Burst: 1}, limit.Most), reading: make(chan struct{}, maxReading), uploading: make(chan struct{}, 1)}
}

// Handler returns the whole of it. Whatever is not in the table gets 404.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range a.routes() {
		h := r.open
		switch {
		case r.Authority != "":
			h = a.serve(r, a.authenticateAuthority)
		case r.Open == "":
			h = a.serve(r, a.authenticatePerson)
		}
		mux.HandleFunc(r.Method+" "+r.Path, only(r.Method, bounded(r.most, h)))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.unserved(w, r) })
	return a.guarded(withoutRedirects(mux, a.unserved))
}

// withoutRedirects serves paths as they are written. ServeMux answers one that is not clean, such as //cpis, with a
// redirect, whose Location and page would repeat the NHS number in it.
func withoutRedirects(next http.Handler, unclean http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.EscapedPath(); path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/" {
			unclean(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// bounded reads no more of a body than most, or mostBody where that is 0.
func bounded(most int64, h http.HandlerFunc) http.HandlerFunc {
	if most == 0 {
		most = mostBody
	}
	return func(w http.ResponseWriter, r *http.Request) {
		connection := w
		if x, ok := w.(*watched); ok {
			connection = x.ResponseWriter // it closes after a body that is too long; what wraps it cannot
		}
		// The server's own request keeps its body: by it the server knows that a client waits to be told to send it
		// (Expect: 100-continue), and does not ask for a body that nobody reads.
		bounded := r.WithContext(r.Context())
		bounded.Body = http.MaxBytesReader(connection, r.Body, most)
		h(w, bounded)
	}
}

// only refuses HEAD, which ServeMux takes for GET: an opening without an answer would notify for nothing.
func only(method string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			writeProblem(w, &problem{status: http.StatusMethodNotAllowed, code: "UNSUPPORTED_SERVICE"})
			return
		}
		h(w, r)
	}
}

func (a *API) unserved(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, &problem{status: http.StatusNotFound, code: "UNSUPPORTED_SERVICE"})
}

// guarded does what every request needs: the headers of every answer, a line in the log without anything of the
// patient, and an answer even when a handler panics.
func (a *API) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &watched{ResponseWriter: rw}
		begun := a.Clock()
		a.Observer.Begun()
		defer func() { a.Observer.Answered(methodOf(r), r.Pattern, w.status, a.Clock().Sub(begun)) }()
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Date", begun.UTC().Format(http.TimeFormat))
		if _, given := requestID(r); len(given) <= longestMirrored && len(r.Header.Values(headerRequestID)) == 1 {
			h.Set(headerRequestID, given) // also one that is refused
		}
		if c := r.Header.Get("X-Correlation-ID"); c != "" {
			h.Set("X-Correlation-ID", c)
		}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // it is panicked with, never wrapped
					panic(p)
				}
				a.Log.ErrorContext(r.Context(), "A request panicked.", "request", loggedID(w), "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
				if !w.begun {
					a.failed(w, r)
				}
			}
			line := a.Log.With("request", loggedID(w), "method", methodOf(r), "route", r.Pattern, "status", w.status,
				"ms", a.Clock().Sub(begun).Milliseconds())
			if w.status >= http.StatusBadRequest {
				line = line.With("source", a.source(r))
			}
			line.InfoContext(r.Context(), "Request.")
		}()
		next.ServeHTTP(w, r)
	})
}

// methodOf returns the request's method where it is one of HTTP's: any other is whatever a stranger wrote.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodConnect,
		http.MethodOptions, http.MethodTrace:
		return r.Method
	default:
		return "other"
	}
}

// failed answers a request that panicked, without a word of why.
func (a *API) failed(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/oauth2/") {
		writeJSON(w, http.StatusInternalServerError, oauthError{Error: "server_error", Reason: "internal_error"})
		return
	}
	writeProblem(w, &problem{status: http.StatusInternalServerError, code: "INTERNAL_SERVER_ERROR"})
}

// source returns where a request comes from, as the limits count it.
func (a *API) source(r *http.Request) string {
	return a.Sources.Of(r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
}

// watched knows whether an answer has begun, and with what status.
type watched struct {
	http.ResponseWriter
	begun  bool
	status int
}

// WriteHeader notes the status.
func (w *watched) WriteHeader(status int) {
	w.begun, w.status = true, status
	w.ResponseWriter.WriteHeader(status)
}

// Write notes that an answer has begun.
func (w *watched) Write(b []byte) (int, error) {
	if !w.begun {
		w.begun, w.status = true, http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func writeProblem(w http.ResponseWriter, p *problem) {
	body, err := json.Marshal(p.outcome())
	if err != nil {
		panic(err) // a struct of strings
	}
	if p.challenge != "" {
		w.Header().Set("WWW-Authenticate", p.challenge)
	}
	if p.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", seconds(p.wait))
	}
	write(w, p.status, fhir.MediaType, body)
}

func write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever asked has gone
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own structs
	}
	write(w, status, mediaJSON, body)
}
