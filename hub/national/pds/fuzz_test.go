package pds

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"wardlight/hub/national"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// FuzzAnswers checks that no answer of PDS is taken for a patient's record unless it is one: the error is a fault, or
// one of the errors that PDS documents.
func FuzzAnswers(f *testing.F) {
	const asked nhs.Number = "9990000018"
	for _, body := range []string{
		``, `null`, `[]`, `{"resourceType":"Patient","id":"9990000018"}`,
		`{"resourceType":"Patient","id":"9990000026","identifier":[{"value":"9990000018"}]}`,
		`{"resourceType":"Patient","id":"9990000018","meta":{"security":[{"code":"REDACTED"}]},"birthDate":"2016"}`,
		`{"resourceType":"Patient","id":"9990000018","name":[{"family":"\u001b[2J"}],"name":[]}`,
		`{"resourceType":"OperationOutcome","issue":[{"details":{"coding":[{"code":"RESOURCE_NOT_FOUND"}]}}]}`,
		`{"resourceType":"OperationOutcome","issue":[{"details":{"coding":[{"code":"TOO_MANY_MATCHES"}]}}]}`,
		`{"resourceType":"Bundle","type":"searchset","total":0}`,
		`{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"search":{"score":2},"resource":` +
			`{"resourceType":"Patient","id":"9990000018"}}]}`,
		`{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":{"resourceType":"RelatedPerson",` +
			`"id":"A","patient":{"identifier":{"value":"9990000018"}},"relationship":[{}]}}]}`,
	} {
		for _, status := range []int{200, 400, 404} {
			f.Add(status, fhir.MediaType, []byte(body))
		}
	}
	f.Add(404, "text/html", []byte("<html>"))

	f.Fuzz(func(t *testing.T, status int, mediaType string, body []byte) {
		a := national.Answer{Status: status, Header: http.Header{"Content-Type": {mediaType}}, Body: body}
		p, err := readPatient(a, asked)
		known(t, err)
		switch {
		case errors.Is(err, trace.ErrTooMany), errors.As(err, new(*trace.QueryError)):
			t.Errorf("a retrieval: got %v, which is the error of a search", err)
		case err == nil && (p.Number != asked || status != http.StatusOK || !strings.Contains(string(body), "Patient")):
			t.Errorf("a retrieval: got %+v for status %d, body %q", p, status, body)
		}

		rows, err := readSearch(a)
		known(t, err)
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, trace.ErrInvalidated) {
			t.Errorf("a search: got %v, which is the error of a retrieval", err)
		}
		for _, r := range rows {
			if _, err := nhs.ParseNumber(r.Number.Digits()); err != nil || r.score < 0 || r.score > 1 {
				t.Errorf("a search: got row %+v", r)
			}
		}

		if _, err = readRelated(a, asked); err != nil {
			known(t, err)
		}
	})
}

// known fails the test unless err is nil, a fault, or an error that PDS documents.
func known(t *testing.T, err error) {
	t.Helper()
	var fault *faultError
	var refused *trace.QueryError
	switch {
	case err == nil, errors.As(err, &fault), errors.Is(err, store.ErrNotFound), errors.Is(err, trace.ErrInvalidated),
		errors.Is(err, trace.ErrTooMany):
	case errors.As(err, &refused):
		if !searchCodes[refused.Code] {
			t.Errorf("got the Spine code %q", refused.Code)
		}
	default:
		t.Errorf("got %v, want a fault or an error of PDS", err)
	}
}
