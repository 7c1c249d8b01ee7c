// Package hubtest provides a stand-in hub for tests of the client. Its sign-in follows docs/api.md strictly: it
// verifies assertion, nonce, proofs and tokens, and shares no code with the client. It has a few fixed patients, and a
// test can replace the handler of any route by a faulty one.
//
// It is not the reference hub: it doesn't check roles, and stores nothing. Only tests import it.
package hubtest

import (
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/fhir"
)

// Request is a received request.
type Request struct {
	Route  string // one of the Route constants
	URL    string // path and query
	Header http.Header
}

// Routes whose handlers a test can replace.
const (
	Challenge = "challenge"
	Token     = "token"
	Revoke    = "revoke"
	Begin     = "begin"
	Search    = "search"
	Record    = "record"
	Flag      = "flag"
	CareTeam  = "careteam"
	Audit     = "audit"
	Report    = "report"
	Receipt   = "receipt"
	Metadata  = "metadata" // of the Patient Flags API, which the hub does not offer before OfferFlags
	AllFlags  = "allflags" // all flags of a patient, in the Patient Flags API
)

// Hub is a running stand-in hub.
type Hub struct {
	URL    string
	Roots  *x509.CertPool // CAs that the client must trust
	Clock  func() time.Time
	Person Person // holder of every card

	server *httptest.Server
	sign   tokenKey

	mu       sync.Mutex
	defaults map[string]http.HandlerFunc // set by New, read-only afterwards
	answers  map[string]http.HandlerFunc
	requests []Request
	nonces   map[string]bool
	begun    map[string]*begunSignIn // sign-ins by browser, by state
	proofs   map[string]bool
	tokens   map[string]string // access token to thumbprint of its key
	offers   bool              // the hub offers the Patient Flags API
}

// Person contains the CIS2 claims of the card's holder. Roles and Orgs are written to the id_token unchanged.
type Person struct {
	Given, Family, Title string
	Roles                []Role
	Orgs                 []Org
}

// Role is an entry of nhsid_nrbac_roles.
type Role struct {
	URID  string   `json:"person_roleid"`
	Org   string   `json:"org_code"`
	Name  string   `json:"role_name"`
	Code  string   `json:"role_code"`
	Codes []string `json:"activity_codes,omitempty"`
}

// Org is an entry of nhsid_user_orgs.
type Org struct {
	Code string `json:"org_code"`
	Name string `json:"org_name"`
}

// Nurse returns a role of unscheduled care with all rights.
func Nurse(urid string) Role {
	return Role{
		URID: urid, Org: "X99", Name: `"Clinical":"Clinical Provision":"Nurse Access Role"`, Code: "S8000:G8000:R8001",
		Codes: []string{"B0107", "B0264"},
	}
}

// New starts a hub as Start does, and stops it at the end of the test.
func New(t testing.TB, clock func() time.Time) *Hub {
	t.Helper()
	h, err := Start(clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Stop)
	return h
}

// Start starts a hub with TLS on a loopback port, for an example or a program, which stops it. clock returns the hub's
// time.
func Start(clock func() time.Time) (*Hub, error) {
	key, err := newTokenKey()
	if err != nil {
		return nil, err
	}

	h := &Hub{
		Clock: clock,
		Person: Person{
			Given: "Ada", Family: "SAMPLE", Title: "Ms", Roles: []Role{Nurse("999000000222")},
			Orgs: []Org{{"X99", "EXAMPLE GENERAL HOSPITAL"}},
		},
		sign:     key,
		defaults: make(map[string]http.HandlerFunc),
		answers:  make(map[string]http.HandlerFunc),
		begun:    make(map[string]*begunSignIn),
		nonces:   make(map[string]bool), proofs: make(map[string]bool), tokens: make(map[string]string),
	}

	const trace, cpis = "/personal-demographics/FHIR/R4/Patient", "/cpis/FHIR/R4/"
	mux := http.NewServeMux()
	h.route(mux, "POST /oauth2/challenge", Challenge, h.challenge)
	h.route(mux, "POST /oauth2/token", Token, h.token)
	h.route(mux, "POST /oauth2/browser", Begin, h.browser)
	mux.HandleFunc("GET /authorize", h.authorize)
	h.route(mux, "POST /oauth2/revoke", Revoke, h.requireSession(h.revoke))
	h.route(mux, "GET "+trace, Search, h.requireSession(h.search))
	h.route(mux, "GET "+trace+"/{number}", Record, h.requireSession(h.record))
	h.route(mux, "GET "+cpis+"Flag", Flag, h.requireSession(h.flag))
	h.route(mux, "GET "+cpis+"CareTeam", CareTeam, h.requireSession(h.careTeam))
	h.route(mux, "GET "+cpis+"AuditEvent", Audit, h.requireSession(h.audit))
	h.route(mux, "GET "+patientFlags+"metadata", Metadata, h.metadata)
	h.route(mux, "GET "+patientFlags+"Flag", AllFlags, h.requireSession(h.allFlags))
	h.route(mux, "GET /audit/receipts/{id}", Receipt, h.requireSession(h.receipt))
	h.route(mux, "GET /privacy/{report}", Report, h.requireSession(h.report))
	h.route(mux, "GET /privacy/alerts", Alerts, h.requireSession(h.alerts))
	h.route(mux, "POST /privacy/alerts/{id}/close", CloseAlert, h.requireSession(h.closeAlert))
	h.route(mux, "GET "+summaryCareRecord+"DocumentReference", LatestSummary, h.requireSession(h.latestSummary))
	h.route(mux, "GET "+summaryCareRecord+"Bundle", Summary, h.requireSession(h.summary))
	h.server = httptest.NewUnstartedServer(mux)
	h.server.EnableHTTP2 = true
	h.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	h.server.StartTLS()
	h.URL = h.server.URL
	h.Roots = x509.NewCertPool()
	h.Roots.AddCert(h.server.Certificate())
	return h, nil
}

// Stop stops the hub and closes its port. A second call does nothing.
func (h *Hub) Stop() {
	h.server.CloseClientConnections()
	h.server.Close()
}

// Answer sets f as the handler of a route. The request is recorded, but not validated, before. A nil f restores the
// default handler.
func (h *Hub) Answer(route string, f http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[route] = f
}

// DefaultHandler returns the default handler of the route.
func (h *Hub) DefaultHandler(route string) http.HandlerFunc { return h.defaults[route] }

// Requests returns the requests received for the route, in order; for "" those of all routes.
func (h *Hub) Requests(route string) []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := slices.Clone(h.requests)
	return slices.DeleteFunc(all, func(r Request) bool { return route != "" && r.Route != route })
}

// LiveSessions returns the number of sessions that are neither revoked nor ended.
func (h *Hub) LiveSessions() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.tokens)
}

// EndSessions ends all sessions, as an operator or a timeout would.
func (h *Hub) EndSessions() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.tokens)
}

func (h *Hub) route(mux *http.ServeMux, pattern, name string, fallback http.HandlerFunc) {
	h.defaults[name] = fallback
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.requests = append(h.requests, Request{Route: name, URL: r.URL.String(), Header: r.Header.Clone()})
		answer := h.answers[name]
		h.mu.Unlock()
		if answer == nil {
			answer = fallback
		}
		w.Header().Set("Date", h.Clock().UTC().Format(http.TimeFormat))
		answer(w, r)
	})
}

// Reply writes a FHIR response with the id of the request.
func Reply(w http.ResponseWriter, r *http.Request, status int, resource any) {
	write(w, r, status, fhir.MediaType, resource)
}

// Refuse writes an OperationOutcome.
func Refuse(w http.ResponseWriter, r *http.Request, status int, spineCode, diagnostics string) {
	Reply(w, r, status, fhir.NewOutcome("error", "processing", spineCode, strings.ToLower(spineCode), diagnostics))
}

// RefuseSignIn writes an RFC 6749 error with a reason.
func RefuseSignIn(w http.ResponseWriter, r *http.Request, status int, code, reason string) {
	write(w, r, status, "application/json", map[string]string{"error": code, "reason": reason})
}

func write(w http.ResponseWriter, r *http.Request, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // an error means that the client has disconnected
}

// Certificate returns the hub's self-signed certificate.
func (h *Hub) Certificate() *x509.Certificate { return h.server.Certificate() }
