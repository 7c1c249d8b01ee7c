// Package record is a stand-in for a site's record system: a FHIR R4 interface that stores flags in memory, supports
// conditional create, and can be made to fail. The demo, play and tests import it.
package record

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"wardlight/internal/fhir"
)

// Fault is a way in which a request fails.
type Fault int

// The faults.
const (
	None             Fault = iota
	CutBefore              // the connection breaks before the flag is stored
	CutAfter               // the connection breaks after the flag is stored
	Hang                   // the flag is stored and there is no response until the client disconnects
	Down                   // 503
	Refuse                 // 422
	NoSuch                 // 404
	Redirect               // 307 to another address
	NoBody                 // a response without a body, whatever the client prefers
	IgnoreIdentifier       // the search ignores the identifier, so that any flag matches
)

// System is the stand-in. Its methods are safe for concurrent use.
type System struct {
	token string

	mu     sync.Mutex
	flags  []json.RawMessage
	faults []Fault
	calls  int
}

// New returns an empty record system that accepts the token.
func New(token string) *System { return &System{token: token} }

// Fail makes the next requests fail, in order.
func (s *System) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Flags returns the stored flags as they were received.
func (s *System) Flags() []json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.flags)
}

// Calls returns the number of requests received.
func (s *System) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Put stores a flag, even if it already exists.
func (s *System) Put(flag any) error {
	raw, err := json.Marshal(flag)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flags = append(s.flags, raw)
	return nil
}

// ServeHTTP serves POST /Flag and GET /Flag.
func (s *System) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := s.called()
	switch {
	case r.Header.Get("Authorization") != "Bearer "+s.token:
		outcome(w, http.StatusUnauthorized, "login", "This token is not known.")
	case !strings.HasSuffix(r.URL.Path, "/Flag") || fault == NoSuch:
		outcome(w, http.StatusNotFound, "not-found", "Not found.")
	case fault == CutBefore:
		cut(w)
	case fault == Down:
		outcome(w, http.StatusServiceUnavailable, "transient", "The record system is under maintenance.")
	case fault == Refuse:
		outcome(w, http.StatusUnprocessableEntity, "invalid", "This is not a flag of this system.")
	case fault == Redirect:
		http.Redirect(w, r, "https://elsewhere.example/Flag", http.StatusTemporaryRedirect)
	case r.Method == http.MethodPost:
		s.create(w, r, fault)
	case r.Method == http.MethodGet:
		s.search(w, r)
	default:
		outcome(w, http.StatusMethodNotAllowed, "not-supported", "Only GET and POST are allowed.")
	}
}

func (s *System) called() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if len(s.faults) == 0 {
		return None
	}
	next := s.faults[0]
	s.faults = s.faults[1:]
	return next
}

// create handles a create request, which is conditional if it has If-None-Exist (FHIR R4 http.html#ccreate).
func (s *System) create(w http.ResponseWriter, r *http.Request, fault Fault) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || fhir.TypeOf(body) != "Flag" || r.Header.Get("Content-Type") != fhir.MediaType {
		outcome(w, http.StatusBadRequest, "structure", "Expected a Flag in JSON.")
		return
	}

	criteria, err := url.ParseQuery(r.Header.Get("If-None-Exist"))
	if err != nil {
		outcome(w, http.StatusBadRequest, "value", "If-None-Exist cannot be read.")
		return
	}

	status, stored := s.store(body, criteria.Get("identifier"), criteria.Has("identifier"), fault == IgnoreIdentifier)
	switch {
	case fault == CutAfter:
		cut(w)
	case fault == Hang:
		<-r.Context().Done()
	case status == http.StatusPreconditionFailed:
		outcome(w, status, "conflict", "Several flags match.")
	default:
		w.Header().Set("Location", "/Flag/"+strconv.Itoa(len(s.Flags())))
		if fault == NoBody || !strings.Contains(r.Header.Get("Prefer"), "return=representation") {
			stored = nil
		}
		answer(w, status, stored)
	}
}

// store stores the flag unless an existing one matches the criteria.
func (s *System) store(body []byte, token string, conditional, ignoring bool) (status int, stored []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if conditional {
		found := slices.DeleteFunc(slices.Clone(s.flags), func(f json.RawMessage) bool {
			return !ignoring && !identified(f, token)
		})
		switch {
		case len(found) > 1:
			return http.StatusPreconditionFailed, nil
		case len(found) == 1:
			return http.StatusOK, found[0]
		}
	}
	s.flags = append(s.flags, body)
	return http.StatusCreated, body
}

// identified reports whether a flag has the identifier, given as a search token: system|value.
func identified(raw json.RawMessage, token string) bool {
	var f fhir.Flag
	if json.Unmarshal(raw, &f) != nil {
		return false
	}
	return slices.ContainsFunc(f.Identifier, func(i fhir.Identifier) bool { return i.System+"|"+i.Value == token })
}

func (s *System) search(w http.ResponseWriter, r *http.Request) {
	found := fhir.NewSearchset("")
	for i, f := range s.Flags() {
		if identified(f, r.URL.Query().Get("identifier")) {
			if err := found.Match(fmt.Sprintf("http://%s/Flag/%d", r.Host, i+1), nil, f); err != nil {
				outcome(w, http.StatusInternalServerError, "exception", "A flag cannot be read.")
				return
			}
		}
	}
	body, err := json.Marshal(found)
	if err != nil {
		outcome(w, http.StatusInternalServerError, "exception", "The flags cannot be read.")
		return
	}
	answer(w, http.StatusOK, body)
}

func outcome(w http.ResponseWriter, status int, code, why string) {
	body, _ := json.Marshal(fhir.OperationOutcome{ResourceType: "OperationOutcome", Issue: []fhir.Issue{{
		Severity: "error", Code: code, Diagnostics: why,
	}}})
	answer(w, status, body)
}

func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", fhir.MediaType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// cut closes the connection without a response.
func cut(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			_ = conn.Close()
		}
		return
	}
	panic(http.ErrAbortHandler)
}
