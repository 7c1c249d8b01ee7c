// Package scr reads Summary Care Records from the NHS Summary Care Record FHIR R4 API, and sends privacy alerts to it.
// Nothing is stored beyond a request.
package scr

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wardlight/hub/national"
	"wardlight/hub/summary"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// MaxBody is the maximum length of an answer in bytes. A summary of many years has some hundred kilobytes.
const MaxBody = 4 << 20

// Config configures a Service. All fields are required.
type Config struct {
	Client *national.Client // of the service national.SummaryCareRecord
	ASID   string           // the hub's accredited system ID, in alerts
	Clock  func() time.Time
	NewID  func() string // returns a new UUID
}

// Service reads summaries from the API. It is safe for concurrent use.
type Service struct{ Config }

// New returns a Service. It makes no request.
func New(c Config) *Service { return &Service{c} }

// Find returns the patient's latest summary without its contents, or nil if none is on file. The error is a
// *national.Failure.
func (s *Service) Find(ctx context.Context, p summary.Patient) (*summary.Reference, error) {
	var found *summary.Reference
	err := s.get(ctx, "/DocumentReference", url.Values{
		"patient": {identifier(p.Current)}, "type": {fhir.SystemSNOMED + "|" + summary.CodeSummary},
		"_sort": {"date"}, "_count": {"1"},
	}, func(body []byte) (err error) {
		found, err = summary.ReadReferences(body, p.Current)
		return err
	})
	return found, err
}

// Read returns the Bundle of the patient's latest summary if it has that ID, and otherwise an empty Bundle. The error
// is a *national.Failure.
//
// The ID is not compared with those in the Bundle, because the API's document doesn't say which of them it is. The
// patient is.
func (s *Service) Read(ctx context.Context, p summary.Patient, id string) (body []byte, shown bool, err error) {
	err = s.get(ctx, "/Bundle", url.Values{
		"composition.identifier": {id}, "composition.subject:Patient.identifier": {identifier(p.Current)},
	}, func(answer []byte) error {
		d, err := read(answer, p.Current)
		if err == nil {
			shown = d != nil
			body, err = summary.Answer(d, p.Number, s.Clock(), s.NewID)
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return body, shown, nil
}

// read returns the document in a searchset, or nil if it is empty.
func read(body []byte, number nhs.Number) (*summary.Document, error) {
	var b struct {
		ResourceType string            `json:"resourceType"`
		Type         string            `json:"type"`
		Entry        []json.RawMessage `json:"entry"`
	}
	if json.Unmarshal(body, &b) != nil || b.ResourceType != "Bundle" || b.Type != "searchset" {
		return nil, errors.New("it is not a searchset")
	}
	if len(b.Entry) == 0 {
		return nil, nil //nolint:nilnil // no summary
	}
	d, err := summary.Parse(body)
	switch {
	case err != nil:
		return nil, err
	case d.Number != number:
		return nil, summary.ErrOtherPatient
	}
	return &d, nil
}

func identifier(n nhs.Number) string { return fhir.SystemNHSNumber + "|" + n.Digits() }

// get requests a resource, and calls read with the body of an answer with the status 200. An error of read must not
// quote the answer.
func (s *Service) get(ctx context.Context, path string, query url.Values, read func(body []byte) error) error {
	_, err := s.Client.Do(ctx, national.Request{
		Path: path, Query: query, Statuses: []int{http.StatusForbidden},
		Read: func(a national.Answer) error {
			if err := s.refusal(a); err != nil {
				return err
			}
			return s.fault(a, read(a.Body))
		},
	})
	return err
}

// refusal returns the Failure for an answer that isn't FHIR with status 200. 403 means that there is no consent to
// store a summary only if the answer says so: the service and its gateway also refuse applications with 403.
func (s *Service) refusal(a national.Answer) error {
	outcome, isOutcome := a.Outcome()
	switch {
	case a.Status == http.StatusOK && a.IsFHIR():
		return nil
	case a.Status == http.StatusOK:
		return s.Client.Fail(national.Malformed, a, "not FHIR by its content type")
	case a.Status == http.StatusForbidden && isOutcome && mentionsConsent(outcome):
		return s.Client.Fail(national.NoConsent, a, "the service has no consent of the patient")
	case a.Status == fhir.StatusAccessControlled && isOutcome:
		return s.Client.Fail(national.AccessControlled, a, "access control of the service refused the request")
	case a.Status == http.StatusNotFound, a.Status < http.StatusBadRequest:
		return s.Client.Fail(national.Malformed, a, "an unexpected status")
	default:
		return s.Client.Fail(national.Refused, a, "the service refused the request")
	}
}

// mentionsConsent reports whether a text of the outcome has the word consent. The NHS's document has no code for it.
func mentionsConsent(o fhir.OperationOutcome) bool {
	for _, i := range o.Issue {
		said := i.Diagnostics
		if i.Details != nil {
			said += " " + i.Details.Text
		}
		if strings.Contains(strings.ToLower(said), "consent") {
			return true
		}
	}
	return false
}

// fault returns the Failure for an answer that can't be used, or nil.
func (s *Service) fault(a national.Answer, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, summary.ErrOtherPatient):
		return s.Client.Fail(national.OtherPatient, a, "a summary of another patient")
	default:
		return s.Client.Fail(national.Malformed, a, err.Error()) // it doesn't quote the answer
	}
}

// Send sends a privacy alert for the person who caused it. The alert's ID is the request's, so that the service
// recognises a repetition. The error is a *summary.SignInMissing if the person has no sign-in with CIS2 at this hub, a
// *summary.Rejected if another attempt can't succeed, and otherwise a *national.Failure.
func (s *Service) Send(ctx context.Context, alert summary.Alert) error {
	body, err := summary.Event(alert, s.ASID)
	if err != nil {
		return &summary.Rejected{Err: errors.New("the alert cannot be encoded")}
	}
	w := alert.Who
	ctx = national.WithCaller(ctx, national.Caller{
		UUID: w.UUID, Name: w.Name, URID: w.URID, JobCode: w.JobRole, JobName: w.JobName, OrgODS: w.OrgODS,
		OrgName: w.OrgName, Session: alert.Session, RequestID: alert.RequestID, Action: alert.Cause.Action(),
	})

	if err := s.Client.SignIn(ctx); err != nil {
		return &summary.SignInMissing{Err: err}
	}

	rejected := false
	_, err = s.Client.Do(ctx, national.Request{
		Method: http.MethodPost, Path: "/AuditEvent", Body: body,
		Header: http.Header{"Content-Type": {fhir.MediaType}, "X-Request-Id": {alert.ID}},
		Read: func(a national.Answer) error {
			if a.Status == http.StatusCreated {
				return nil
			}
			_, isOutcome := a.Outcome() // a proxy or a gateway has none, and another attempt may succeed
			rejected = isOutcome && a.Status >= http.StatusBadRequest
			if err := s.refusal(a); err != nil {
				return err
			}
			return s.Client.Fail(national.Malformed, a, "an unexpected status")
		},
	})
	var f *national.Failure
	switch {
	case errors.As(err, &f) && f.Kind == national.SignInNeeded:
		return &summary.SignInMissing{Err: f}
	case rejected:
		return &summary.Rejected{Err: err}
	default:
		return err
	}
}
