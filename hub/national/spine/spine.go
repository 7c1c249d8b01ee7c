// Package spine asks CP-IS on Spine about a child's alert: with the live HL7 v3 interface, through the NHS's
// open-source MHS adaptor.
//
// Every query notifies the local authority. So the lamp asks nothing, and an opening in unscheduled care is the one
// query. The adaptor hides ebXML, mutual TLS, the look-up of addresses and the second connection, on which Spine
// answers.
package spine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/cpis"
	"wardlight/hub/national"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Service implements the hub's interfaces to alerts, api.Alerts and api.OpeningQuery.
type Service struct {
	client  *national.Client
	systems Systems
	clock   func() time.Time
}

// New returns a Service. The client's base URL is that of the adaptor's outbound service.
func New(client *national.Client, systems Systems, clock func() time.Time) *Service {
	return &Service{client: client, systems: systems, clock: clock}
}

// Plans asks nothing. It returns a *[national.Failure]: OpeningAsks for a lamp, NotOffered for an opening in scheduled
// care.
func (s *Service) Plans(ctx context.Context, _ nhs.Number, _ nhs.Date) (cpis.PatientPlans, error) {
	if who, ok := national.CallerOf(ctx); ok && who.Action == rbac.SeeLamp {
		return cpis.PatientPlans{}, s.fail(national.OpeningAsks, "every query notifies the local authority")
	}
	return cpis.PatientPlans{}, s.fail(national.NotOffered, "every query notifies the local authority")
}

// History asks nothing, because an opening has the access history. It returns a *[national.Failure] of kind NotOffered.
func (s *Service) History(context.Context, nhs.Number, nhs.Date) (cpis.PatientPlans, []store.Access, error) {
	return cpis.PatientPlans{}, nil, s.fail(national.NotOffered, "an opening has the access history")
}

// Record returns nothing, because the service records the access and notifies the authorities.
func (s *Service) Record(store.Access, cpis.PatientPlans) (*store.Access, []store.Notification, error) {
	return nil, nil, nil
}

// Query asks about the patient under the current number, on behalf of the caller in ctx. Errors are
// *[national.Failure]. After one without an answer, MayBeTold is set.
func (s *Service) Query(ctx context.Context, patient trace.RecordStatus) (cpis.PatientPlans, []store.Access, error) {
	author, _ := national.CallerOf(ctx)
	q := query{
		id: messageOf("message", author, patient.Current), event: messageOf("event", author, patient.Current),
		at: s.clock(), number: patient.Current, author: author, systems: s.systems,
	}

	message, err := encode(q)
	if err != nil {
		return cpis.PatientPlans{}, nil, s.fail(national.AuthorMissing, err.Error())
	}

	got, err := s.send(ctx, q, message)
	if err != nil {
		return cpis.PatientPlans{}, nil, err
	}
	for i := range got.plans {
		got.plans[i].ID = strings.ToLower(messageOf("plan "+strconv.Itoa(i), author, patient.Current))
	}
	return cpis.PatientPlans{Patient: patient, Visible: got.plans}, got.queries, nil
}

// space is the namespace of the UUIDs of messages.
var space = uuid.MustParse("9d0a0d64-52c0-4f0a-8f53-5b0c6f1c0a18")

// messageOf returns the UUID of a part of the opening, in upper case as Spine requires. The same person in the same
// role, request ID and patient always have the same, so that Spine recognises a repetition. A request ID that a
// terminal uses for another patient makes another message.
func messageOf(part string, author national.Caller, number nhs.Number) string {
	id := uuid.NewSHA1(space, []byte(strings.Join([]string{
		part, author.UUID, author.URID, author.RequestID, number.Digits(),
	}, "\n")))
	return strings.ToUpper(id.String())
}

// send posts the message once and decodes the answer.
func (s *Service) send(ctx context.Context, q query, message []byte) (answer, error) {
	body, err := json.Marshal(struct {
		Payload string `json:"payload"`
	}{string(message)})
	if err != nil {
		return answer{}, fmt.Errorf("query: %w", err)
	}

	var got answer
	_, err = s.client.Do(ctx, national.Request{
		Method: http.MethodPost, Path: "/", Body: body, Once: true,
		Header: http.Header{
			"Content-Type": {"application/json"}, "Accept": {"text/xml"}, "Interaction-Id": {interactionQuery},
			"Wait-For-Response": {"true"}, "Message-Id": {q.id}, "Correlation-Id": {q.author.RequestID},
		},
		Read: func(a national.Answer) (err error) {
			got, err = s.read(a, q)
			return err
		},
	})
	return got, err
}

// read decodes the adaptor's answer to the query. Errors are *[national.Failure].
func (s *Service) read(a national.Answer, q query) (answer, error) {
	media, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	switch {
	case a.Status >= http.StatusBadRequest:
		return answer{}, s.client.Fail(national.Refused, a, "the adaptor refused the message")
	case a.Status != http.StatusOK:
		return answer{}, told(s.client.Fail(national.Malformed, a, "the adaptor did not wait for the answer"))
	case media != "text/xml" && media != "application/xml":
		return answer{}, told(s.client.Fail(national.Malformed, a, "the answer is not XML by its content type"))
	}

	got, err := decode(a.Body, q.id, q.number)
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		return answer{}, s.client.Fail(national.Refused, a, err.Error())
	case errors.Is(err, errOtherPatient):
		return answer{}, told(s.client.Fail(national.OtherPatient, a, err.Error()))
	case err != nil:
		return answer{}, told(s.client.Fail(national.Malformed, a, err.Error()))
	}
	return got, nil
}

// told returns the failure of a query that Spine has received, so that the local authority may have been notified.
func told(f *national.Failure) *national.Failure {
	f.MayBeTold = true
	return f
}

// fail returns a failure of a request that was not sent.
func (s *Service) fail(k national.Kind, detail string) *national.Failure {
	return s.client.Fail(k, national.Answer{}, detail)
}
