package scr_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/national"
	"wardlight/hub/national/scr"
	"wardlight/hub/summary"
	"wardlight/internal/nhs"
	"wardlight/internal/prismtest"
)

// The patient of the document's examples, and the id of that patient's summary.
const (
	smith   = nhs.Number("9000000009")
	smithID = "FA60BE64-1F34-11EB-A2A8-000C29A364EB"
)

// now is after the dates of the document's examples.
var now = time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)

// mock is a transport to Prism. It adds a token, asks for an answer by its status, and mirrors the ID of the request,
// which a mock that returns examples doesn't.
type mock struct {
	*testing.T
	status int // 0 for the document's first answer
}

func (m mock) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer example")
	if m.status != 0 {
		r.Header.Set("Prefer", fmt.Sprintf("code=%d", m.status))
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	// The document's example of a 500 contradicts its own schema, which is no fault of the request.
	if why := resp.Header.Get("Sl-Violations"); strings.Contains(why, `"request"`) {
		m.Errorf("not a request that the document allows: %s", why)
	}
	if m.status != 0 && resp.StatusCode != m.status {
		m.Errorf("the mock answered %d, want %d", resp.StatusCode, m.status)
	}
	resp.Header.Set("X-Request-Id", r.Header.Get("X-Request-Id"))
	return resp, nil
}

// TestSCR_ContractOfTheNHS sends each request to Prism with the NHS's description of the API, which refuses what the
// description does not allow, and gets each answer that the description has.
func TestSCR_ContractOfTheNHS(t *testing.T) {
	prism := prismtest.SCRMock(t, "../../..")
	service := func(t *testing.T, status int) *scr.Service {
		return scr.New(scr.Config{
			Client: national.New(national.Config{
				Service: national.SummaryCareRecord, BaseURL: prism, Clock: time.Now, After: time.After,
				NewID: uuid.NewString, Timeout: time.Minute, MaxBody: scr.MaxBody,
				HTTP: &http.Client{Transport: mock{t, status}},
			}),
			ASID: "200000001234", Clock: func() time.Time { return now }, NewID: uuid.NewString,
		})
	}
	patient := summary.Patient{Number: smith, Current: smith, Numbers: []nhs.Number{smith}}
	alert := summary.Alert{
		ID: uuid.NewString(), At: now, Cause: summary.Cause{Type: summary.AccessAlert, Reason: summary.Emergency},
		Words: "unconscious", Number: smith, Summary: smithID, RequestID: uuid.NewString(), Session: "s",
		Who: summary.Person{UUID: "555021935107", Name: "SAMPLE, Ada", URID: "555021935108", OrgODS: "RX1"},
	}

	s := service(t, 0)
	found, err := s.Find(t.Context(), patient)
	if err != nil || found == nil || found.ID != smithID || found.Sharing != summary.Ask {
		t.Errorf("Find = %+v, %v; want the summary of the document's example", found, err)
	}
	body, shown, err := s.Read(t.Context(), patient, smithID)
	if err != nil || !shown || !strings.Contains(string(body), "AllergiesHeader") {
		t.Errorf("Read = %d bytes, %v, %v; want the document's example", len(body), shown, err)
	}
	if err := s.Send(t.Context(), alert); err != nil {
		t.Errorf("Send: got %v, want that it is sent", err)
	}

	// The answer is the same for every patient, so it is about another one.
	other := summary.Patient{Number: "9990000018", Current: "9990000018", Numbers: []nhs.Number{"9990000018"}}
	_, notFound := s.Find(t.Context(), other)
	_, _, notRead := s.Read(t.Context(), other, smithID)
	for what, err := range map[string]error{"Find": notFound, "Read": notRead} {
		if failed := new(national.Failure); !errors.As(err, &failed) || failed.Kind != national.OtherPatient {
			t.Errorf("%s for another patient: got %v, want OtherPatient", what, err)
		}
	}

	for _, d := range prismtest.SCRResponses(t, "../../..") {
		if d.Status < http.StatusBadRequest {
			continue
		}
		t.Run(fmt.Sprintf("%s %s %d", d.Method, strings.TrimPrefix(d.Path, "/"), d.Status), func(t *testing.T) {
			want, known := failures[d.Status]
			if !known {
				t.Fatalf("the document has a status that this test does not know: %+v", d)
			}
			var err error
			switch s := service(t, d.Status); d.Path {
			case "/DocumentReference":
				var found *summary.Reference
				if found, err = s.Find(t.Context(), patient); found != nil {
					t.Errorf("Find = %+v, want nothing besides the error", found)
				}
			case "/Bundle":
				var shown bool
				var body []byte
				if body, shown, err = s.Read(t.Context(), patient, smithID); shown || body != nil {
					t.Errorf("Read = %s, %v; want nothing besides the error", body, shown)
				}
			case "/AuditEvent":
				err = s.Send(t.Context(), alert)
				if rejected := new(summary.Rejected); errors.As(err, &rejected) != want.final {
					t.Errorf("Send: got %v, want that no further attempt is made: %v", err, want.final)
				}
			}
			if failed := new(national.Failure); !errors.As(err, &failed) || failed.Kind != want.kind ||
				failed.Status != d.Status {
				t.Errorf("got %v, want %v with the status %d", err, want.kind, d.Status)
			}
		})
	}
}

// failures is the failure of each status of the document, and whether an alert is not sent again after it.
var failures = map[int]struct {
	kind  national.Kind
	final bool
}{
	400: {national.Refused, true},
	401: {national.Refused, false},
	403: {national.Refused, false}, // the document's example has a text about the token, and nothing about consent
	413: {national.Refused, true},
	415: {national.Refused, true},
	420: {national.AccessControlled, true},
	429: {national.Busy, false},
	500: {national.Unavailable, false},
	503: {national.Unavailable, false},
}
