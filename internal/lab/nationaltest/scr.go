package nationaltest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// SCRBase is the base path of the Summary Care Record API.
const SCRBase = "/summary-care-record/FHIR/R4"

// Places of the Summary Care Record API.
const (
	Reference Place = "DocumentReference"
	Summary   Place = "Bundle"
	Alert     Place = "AuditEvent"
)

// SCR is a stand-in for the Summary Care Record FHIR R4 API. Its methods are safe for concurrent use.
type SCR struct {
	URL string // base address, without a trailing slash

	tb  testing.TB
	p   *Platform
	mu  sync.Mutex
	all map[string]scrSummary // by NHS number
	got map[string]string     // bodies of accepted alerts, by X-Request-ID
	ids []string              // X-Request-ID of the accepted alerts, in order
}

type scrSummary struct{ id, permission, bundle string }

// SCR adds the API to the platform.
func (p *Platform) SCR() *SCR {
	s := &SCR{URL: p.URL + SCRBase, tb: p.tb, p: p, all: make(map[string]scrSummary), got: make(map[string]string)}
	p.Serve(SCRBase+"/DocumentReference", Reference, s.reference)
	p.Serve(SCRBase+"/Bundle", Summary, s.summary)
	p.Serve(SCRBase+"/AuditEvent", Alert, s.alert)
	return s
}

// Put stores a patient's summary. permission is Ask, Yes or No.
func (s *SCR) Put(number, id, permission, bundle string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[number] = scrSummary{id, permission, bundle}
}

// Alerts returns the accepted alerts. A repeated request is one alert.
func (s *SCR) Alerts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, id := range s.ids {
		all = append(all, s.got[id])
	}
	return all
}

// scrNumber returns the NHS number in a parameter, or answers 400.
func (s *SCR) scrNumber(w http.ResponseWriter, r *http.Request, parameter string) (string, bool) {
	number, ok := strings.CutPrefix(r.URL.Query().Get(parameter), "https://fhir.nhs.uk/Id/nhs-number|")
	if !ok || len(number) != 10 {
		scrOutcome(w, http.StatusBadRequest, "invalid", "Invalid NHS number")
		return "", false
	}
	return number, true
}

func (s *SCR) reference(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	number, ok := s.scrNumber(w, r, "patient")
	if !ok {
		return
	}
	if q.Get("type") != "http://snomed.info/sct|196981000000101" || q.Get("_sort") != "date" ||
		q.Get("_count") != "1" {
		scrOutcome(w, http.StatusBadRequest, "invalid", "Invalid parameter")
		return
	}

	s.mu.Lock()
	found, known := s.all[number]
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/fhir+json")
	if !known {
		_, _ = io.WriteString(
			w,
			`{"resourceType":"Bundle","id":"55f8ba57-761a-406e-b61d-423027830fef","type":"searchset","total":0}`,
		)
		return
	}
	_, _ = fmt.Fprintf(
		w,
		`{"resourceType":"Bundle","id":"55f8ba57-761a-406e-b61d-423027830fef","type":"searchset","total":1,"entry":[
		{"fullUrl":"https://api.service.nhs.uk/summary-care-record/FHIR/R4/DocumentReference/6d334ca8-a6e1-4bae-93b1-19a14a36ea7a",
		"resource":{"resourceType":"DocumentReference","id":"6d334ca8-a6e1-4bae-93b1-19a14a36ea7a",
		"masterIdentifier":{"system":"https://fhir.nhs.uk/Id/nhsSCRUUID","value":%q},"status":"current",
		"type":{"coding":[{"system":"http://snomed.info/sct","code":"196981000000101","display":"General Practice Summary"}]},
		"subject":{"reference":"Patient/9b9a16ed-3cd0-45b2-ab1f-e625dd0251c1"},
		"securityLabel":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission","code":%q}]}],
		"content":[{"attachment":{"url":"x"}}],"context":{}},"search":{"mode":"match"}},
		{"fullUrl":"9b9a16ed-3cd0-45b2-ab1f-e625dd0251c1","resource":{"resourceType":"Patient",
		"id":"9b9a16ed-3cd0-45b2-ab1f-e625dd0251c1","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":%q}]}}]}`,
		found.id,
		found.permission,
		number,
	)
}

func (s *SCR) summary(w http.ResponseWriter, r *http.Request) {
	number, ok := s.scrNumber(w, r, "composition.subject:Patient.identifier")
	if !ok {
		return
	}
	s.mu.Lock()
	found, known := s.all[number]
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/fhir+json")
	if !known || found.id != r.URL.Query().Get("composition.identifier") {
		_, _ = io.WriteString(w, `{"resourceType":"Bundle","type":"searchset","total":0}`)
		return
	}
	_, _ = io.WriteString(w, found.bundle)
}

func (s *SCR) alert(w http.ResponseWriter, r *http.Request) {
	if !s.p.personal(r) {
		s.tb.Error("nationaltest: got an alert with application-restricted access")
	}
	if r.Header.Get("Content-Type") != "application/fhir+json" {
		scrOutcome(w, http.StatusUnsupportedMediaType, "not-supported", "Content type not supported")
		return
	}
	body, err := io.ReadAll(r.Body)
	var event struct{ ResourceType string }
	if err != nil || json.Unmarshal(body, &event) != nil || event.ResourceType != "AuditEvent" {
		scrOutcome(w, http.StatusBadRequest, "invalid", "Invalid alert")
		return
	}

	id := r.Header.Get("X-Request-ID")
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, before := s.got[id]; !before {
		s.ids = append(s.ids, id)
	}
	s.got[id] = string(body)
	w.WriteHeader(http.StatusCreated)
}

// scrOutcome answers with an error in the shape of the API, which has no codes.
func scrOutcome(w http.ResponseWriter, status int, issue, text string) {
	w.Header().Set("Content-Type", "application/fhir+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"resourceType": "OperationOutcome",
		"issue": []any{
			map[string]any{"severity": "error", "code": issue, "details": map[string]any{"text": text}},
		},
	})
}

// SCROutcome answers with an error of the Summary Care Record API.
func SCROutcome(status int, issue, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
		scrOutcome(w, status, issue, text)
	}
}
