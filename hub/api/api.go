// Package api is the hub's HTTP interface: routes, FHIR requests and answers, errors.
//
// All requests of authenticated callers, persons with a session and authorities with a credential, pass through one
// pipeline: authenticate, check the budget, authorise, answer, record, write. Its handlers return the answer as a
// value. The answer is sent only after the ledger has stored the request's entry: no audit, no answer.
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
	"wardlight/hub/patientflag"
	"wardlight/hub/privacy"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/hub/upload"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// maxBodyBytes is the maximum size in bytes of a request's body, unless its route has another.
const maxBodyBytes = 64 << 10

// People finds patients: [trace.Service], or a national service. The errors are those of [trace.Service] and
// *[national.Failure].
type People interface {
	Search(ctx context.Context, q trace.Query) ([]trace.Row, error)
	Retrieve(ctx context.Context, number nhs.Number) (trace.Retrieved, error)
	RelatedPersons(ctx context.Context, number nhs.Number) (trace.Related, error)
}

// Records reads whether a patient's record is current, and the patient's numbers.
type Records interface {
	RecordStatus(ctx context.Context, number nhs.Number) (trace.RecordStatus, error)
}

// Alerts answers about child protection plans: [cpis.Service], or a national service. The errors are those of
// [cpis.Service] and *[national.Failure].
type Alerts interface {
	Plans(ctx context.Context, number nhs.Number, today nhs.Date) (cpis.PatientPlans, error)
	History(ctx context.Context, number nhs.Number, today nhs.Date) (cpis.PatientPlans, []store.Access, error)
	// Record returns what an opening in unscheduled care writes. It returns nothing where the national service keeps
	// the access history and notifies the authorities.
	Record(a store.Access, found cpis.PatientPlans) (*store.Access, []store.Notification, error)
}

// Flags reads the flags of patients besides child protection: [patientflag.Service], or a national service.
type Flags interface {
	// Flags returns a result for each of the kinds, in their order. numbers are all numbers of the patient, the
	// requested one first. It notifies nobody.
	Flags(ctx context.Context, numbers []nhs.Number, kinds []patientflag.Kind) []patientflag.Result
}

// Openings reads stored openings.
type Openings interface {
	Opening(ctx context.Context, person, requestID string) (store.Opening, error)
}

// Authorities reads local authorities by their credentials, and their uploads.
type Authorities interface {
	AuthorityByCredential(ctx context.Context, hash []byte) (store.Authority, error)
	Upload(ctx context.Context, authority, id string) (store.Upload, error)
	UploadOfFile(ctx context.Context, authority, file string) (store.Upload, error)
}

// Outbox reads notifications.
type Outbox interface {
	Notifications(ctx context.Context, q store.NotificationQuery) ([]store.Notification, error)
}

// Store checks the store.
type Store interface {
	// Readable returns an error unless the store can be read. It writes nothing.
	Readable(ctx context.Context) error
	// Ready returns an error unless the store can be read and the ledger can be written.
	Ready(ctx context.Context) error
}

// Config configures an API. All fields are required, except for those that may be nil.
type Config struct {
	Issuer         string // the hub's public URL
	Identity       *identity.Service
	People         People
	Records        Records
	Alerts         Alerts
	Flags          Flags     // nil if the hub has no flags besides child protection
	Summaries      Summaries // nil if the hub has no Summary Care Records
	PrivacyAlerts  PrivacyAlerts
	SendAlerts     bool              // privacy alerts are also sent to the national service
	FGMCode        rbac.ActivityCode // the code to see FGM flags; "" for nobody
	Ledger         *audit.Writer
	Openings       Openings
	Authorities    Authorities
	Uploads        *upload.Service // nil if alerts come from a national service
	Outbox         Outbox
	Reports        Reports
	RequestRecords Requests
	Receipts       Receipts // nil if the hub signs no checkpoints of the audit's tree
	// Attendances returns the site's list of attendances, or an error if it can't be used; nil if there is none.
	Attendances       func() (*privacy.Attendances, error)
	Store             Store
	AlertAdded        func() // is called after a privacy alert that is to be sent has been added
	NotificationAdded func() // is called after a notification has been added to the outbox
	Clock             func() time.Time
	UK                *time.Location
	NewID             func() string
	Log               *slog.Logger
	Observer          Observer
	Sources           limit.Sources   // determines the source of a request
	Searches          *limit.Buckets  // searches of a person; nil for no limit
	Requests          *limit.Buckets  // requests of a person; nil for no limit
	Patients          *limit.Distinct // different patients of a person; nil for no limit
	// CredentialRequests limits the requests with an authority's credential; nil for no limit.
	CredentialRequests *limit.Buckets
}

// Observer receives events of requests, without data of patients or persons. Its methods must not block.
type Observer interface {
	// Started is called when a request has arrived.
	Started()
	// Answered is called after a request has been answered. method is an HTTP method or "other". route is the pattern
	// that it matched, or "".
	Answered(method, route string, status int, took time.Duration)
	// ManyPatients is called when a person was answered about more different patients within an hour than the limit.
	ManyPatients()
	// AlertUnchecked is called after a request about a child's alert was answered with "could not check", because
	// something failed or is missing. Refusals, and what a source doesn't offer, are not counted.
	AlertUnchecked()
	// Uploaded says with what code a file of a local authority was answered.
	Uploaded(code string)
}

// API serves the hub's routes.
type API struct {
	Config

	stopping  atomic.Bool
	readiness readiness

	refusals       *limit.Buckets // limits the audit records of refused requests for each session and credential
	authoritySlots sync.Map       // a chan struct{} of size 1 for each authority's code: a semaphore of its upload
	readSlots      chan struct{}  // a semaphore of the uploads that are being read
	processSlot    chan struct{}  // a semaphore of the upload that is being processed
	openings       keyLocks       // by person and request ID: openings that query a national service
}

// New returns an API.
func New(c Config) *API {
	return &API{
		Config: c, refusals: limit.NewBuckets(limit.Rate{PerSecond: 1.0 / 60, Burst: 1}, limit.MaxBuckets),
		readSlots: make(chan struct{}, maxReading), processSlot: make(chan struct{}, 1),
	}
}

// Handler returns a handler of all routes. Unknown paths get 404.
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
		mux.HandleFunc(r.Method+" "+r.Path, only(r.Method, bounded(r.maxBody, h)))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.unserved(w, r) })
	return a.guarded(withoutRedirects(mux, a.unserved))
}

// withoutRedirects calls unclean for a path that isn't clean, such as //cpis. [http.ServeMux] would answer with a
// redirect that repeats the NHS number in it.
func withoutRedirects(next http.Handler, unclean http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.EscapedPath(); path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/" {
			unclean(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// bounded limits the size of a request's body to limit bytes, or to maxBodyBytes if limit is 0.
func bounded(limit int64, h http.HandlerFunc) http.HandlerFunc {
	if limit == 0 {
		limit = maxBodyBytes
	}
	return func(w http.ResponseWriter, r *http.Request) {
		connection := w
		if x, ok := w.(*statusWriter); ok {
			connection = x.ResponseWriter // it closes the connection after a body that is too long; its wrapper can't
		}
		// The server's own request must keep its body. Its type tells the server that a client is waiting for
		// permission to send the body (Expect: 100-continue), so that it doesn't request a body that nobody reads.
		bounded := r.WithContext(r.Context())
		bounded.Body = http.MaxBytesReader(connection, r.Body, limit)
		h(w, bounded)
	}
}

// only refuses methods other than that one. ServeMux uses GET handlers for HEAD, so an opening by HEAD would notify
// authorities without showing plans.
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

// guarded does what every request needs: it sets the common headers, logs a line without patient data, and answers
// even if a handler panics.
func (a *API) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &statusWriter{ResponseWriter: rw}
		started := a.Clock()
		a.Observer.Started()
		defer func() { a.Observer.Answered(methodOf(r), r.Pattern, w.status, a.Clock().Sub(started)) }()
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Date", started.UTC().Format(http.TimeFormat))
		if _, given := requestID(r); len(given) <= maxMirrored && len(r.Header.Values(headerRequestID)) == 1 {
			h.Set(headerRequestID, given) // also for a refused request
		}

		if c := r.Header.Get("X-Correlation-ID"); c != "" {
			h.Set("X-Correlation-ID", c)
		}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // the value of the panic, never wrapped
					panic(p)
				}
				a.Log.ErrorContext(r.Context(), "A request panicked.", "request", loggedID(w), "route", r.Pattern,
					"panic", p, "stack", string(debug.Stack()))
				if !w.started {
					a.failed(w, r)
				}
			}
			line := a.Log.With("request", loggedID(w), "method", methodOf(r), "route", r.Pattern, "status", w.status,
				"ms", a.Clock().Sub(started).Milliseconds())
			if w.status >= http.StatusBadRequest {
				line = line.With("source", a.source(r))
			}
			line.InfoContext(r.Context(), "Request.")
		}()

		next.ServeHTTP(w, r)
	})
}

// methodOf returns the request's method, or "other" if it isn't a standard method, because a client may send any text.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect,
		http.MethodOptions, http.MethodTrace:
		return r.Method
	default:
		return "other"
	}
}

// failed answers a request that panicked, without details.
func (a *API) failed(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/oauth2/") {
		writeJSON(w, http.StatusInternalServerError, oauthError{Error: "server_error", Reason: "internal_error"})
		return
	}
	writeProblem(w, &problem{status: http.StatusInternalServerError, code: "INTERNAL_SERVER_ERROR"})
}

// source returns the source of a request, as the limits count it.
func (a *API) source(r *http.Request) string {
	return a.Sources.Of(r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
}

// statusWriter records the status of an answer, and whether one has been started.
type statusWriter struct {
	http.ResponseWriter
	started bool
	status  int
}

// WriteHeader records and writes the status.
func (w *statusWriter) WriteHeader(status int) {
	w.started, w.status = true, status
	w.ResponseWriter.WriteHeader(status)
}

// Write records that an answer has been started, and writes.
func (w *statusWriter) Write(b []byte) (int, error) {
	if !w.started {
		w.started, w.status = true, http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap returns the wrapped writer, for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func writeProblem(w http.ResponseWriter, p *problem) {
	body, err := json.Marshal(p.outcome())
	if err != nil {
		panic(err) // encoding a struct of strings can't fail
	}
	if p.challenge != "" {
		w.Header().Set("WWW-Authenticate", p.challenge)
	}
	if p.status == http.StatusTooManyRequests || p.wait > 0 {
		w.Header().Set("Retry-After", seconds(p.wait))
	}
	write(w, p.status, fhir.MediaType, body)
}

func write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have disconnected
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // encoding our own structs can't fail
	}
	write(w, status, mediaJSON, body)
}
