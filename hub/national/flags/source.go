// Package flags asks the Patient Flags API of NHS England (FHIR R4) for child protection alerts and for the other flags
// of patients. One request returns all flags of a patient and notifies nobody.
//
// The API is for scheduled care. An opening in unscheduled care, which has to notify the local authority, is not
// offered until NHS England has published a call for it: it is refused, and never answered silently. The API has no
// access history.
package flags

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"wardlight/hub/cpis"
	"wardlight/hub/national"
	"wardlight/hub/patientflag"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Config configures a Source. All fields are required.
type Config struct {
	Client  *national.Client // of the service national.PatientFlags
	Records cpis.Patients    // finds the patient's record, as for the hub's own plans
	Clock   func() time.Time // returns the hub's time
	UK      *time.Location   // the zone of the days on which plans start and end
}

// Source answers about alerts and flags. It stores nothing beyond a request. It is safe for concurrent use.
type Source struct{ Config }

// New returns a Source. It makes no request.
func New(c Config) *Source { return &Source{c} }

// Plans returns the plans of a patient. For an opening in scheduled care they are complete. For any other request, such
// as a lamp, they only show that there is an alert, and their details aren't requested.
//
// An opening in unscheduled care is refused with a *national.Failure of kind NotOffered before anything is requested.
// Other errors are those of [cpis.Permit], trace.ErrNotFound for a patient without a record, and *national.Failure.
func (s *Source) Plans(ctx context.Context, number nhs.Number, _ nhs.Date) (cpis.PatientPlans, error) {
	who, _ := national.CallerOf(ctx)
	if who.Action == rbac.OpenAlert {
		return cpis.PatientPlans{}, notOffered("opening in unscheduled care")
	}

	patient, err := s.patient(ctx, number)
	if err != nil {
		return cpis.PatientPlans{}, err
	}

	a, found, err := s.find(ctx, patient, number, codeProtection)
	if err != nil {
		return cpis.PatientPlans{}, err
	}

	result := cpis.PatientPlans{Patient: patient, AsOf: a.asOf}
	if who.Action == rbac.OpenSilently {
		result.Visible, err = a.plans(ctx, found, s.UK, s.fetch)
		return result, s.report(ctx, err)
	}
	for range found {
		result.Visible = append(result.Visible, store.PlanWithAuthority{Plan: store.Plan{Number: number}})
	}
	return result, nil
}

// History returns a *national.Failure of kind NotOffered: the service has no access history.
func (s *Source) History(context.Context, nhs.Number, nhs.Date) (cpis.PatientPlans, []store.Access, error) {
	return cpis.PatientPlans{}, nil, notOffered("access history")
}

// Record returns an error, because there is no opening in unscheduled care: [Source.Plans] refuses it.
func (s *Source) Record(store.Access, cpis.PatientPlans) (*store.Access, []store.Notification, error) {
	return nil, nil, notOffered("opening in unscheduled care")
}

// patient returns the patient's record. Errors are those of [cpis.Permit], trace.ErrNotFound without a current record,
// and those of Config.Records.
func (s *Source) patient(ctx context.Context, number nhs.Number) (trace.RecordStatus, error) {
	patient, err := s.Records.RecordStatus(ctx, number)
	switch {
	case err != nil:
		return trace.RecordStatus{}, err
	case !patient.Known && !patient.Invalidated:
		return trace.RecordStatus{}, trace.ErrNotFound
	}
	return patient, cpis.Permit(patient)
}

// find returns the active flags of a category with the answer that has them. It asks for the current number, and if
// that has none, for the requested one: a flag under a superseded number still is this patient's. It returns no flags
// only if the answers for both prove that there is none. The error is a *national.Failure or that of ctx.
func (s *Source) find(ctx context.Context, patient trace.RecordStatus, number nhs.Number, category string) (
	*answer, []flag, error,
) {
	var a *answer
	for _, n := range slices.Compact([]nhs.Number{patient.Current, number}) {
		var err error
		if a, err = s.answer(ctx, n); err != nil {
			return nil, nil, err
		}
		found, err := a.of(category)
		if err != nil || len(found) > 0 {
			return a, found, s.report(ctx, err)
		}
	}
	return a, nil, nil
}

// Flags returns a result for each of the kinds, in their order, from the same answer as the alert. numbers[0] is the
// requested number. The errors of results are those of [Source.Plans].
func (s *Source) Flags(ctx context.Context, numbers []nhs.Number, kinds []patientflag.Kind) []patientflag.Result {
	patient, err := s.patient(ctx, numbers[0])
	results := make([]patientflag.Result, len(kinds))
	for i, k := range kinds {
		r := &results[i]
		*r = patientflag.Result{Kind: k, Err: err}
		if err != nil {
			continue
		}
		var a *answer
		var found []flag
		if a, found, r.Err = s.find(ctx, patient, numbers[0], string(k)); r.Err == nil && len(found) > 0 {
			r.Flag = a.patientFlag(k, found)
		}
	}
	return results
}

// notOffered returns the failure for what the service doesn't offer.
func notOffered(what string) *national.Failure {
	return &national.Failure{Service: national.PatientFlags, Kind: national.NotOffered, Detail: what}
}

// answerKey is the key of the answer about a patient in the memo of a request.
type answerKey nhs.Number

// result is an answer or its error. An error is stored, too, so that a request of a person makes one request.
type result struct {
	answer *answer
	err    error
}

// answer returns all flags of a patient, with one request for each request of a person. The error is a
// *national.Failure or that of ctx.
func (s *Source) answer(ctx context.Context, n nhs.Number) (*answer, error) {
	r, _ := national.Remember(ctx, answerKey(n), func() (result, error) {
		var r result
		_, r.err = s.Client.Do(ctx, national.Request{
			Path: "/Flag", Query: url.Values{"patient": {n.Digits()}},
			Read: func(a national.Answer) error {
				if err := s.checkAnswer(a); err != nil {
					return err
				}
				var err error
				r.answer, err = read(n, a.Body, httpDate(a.Header), s.Clock())
				return s.failure(a, err)
			},
		})
		return r, nil
	})
	return r.answer, r.err
}

// fetch returns a resource to which an answer refers. References to other addresses are refused.
func (s *Source) fetch(ctx context.Context, kind, reference string) (json.RawMessage, error) {
	path, ok := pathOf(s.Client.Base(), kind, reference)
	if !ok {
		return nil, faultf("a reference to a %s at another address", kind)
	}
	a, err := s.Client.Do(ctx, national.Request{Path: path, Read: s.checkAnswer})
	return a.Body, err
}

// checkAnswer returns a *national.Failure unless the answer has status 200 and is FHIR as JSON. A patient whom the
// service doesn't know is a failure: it is not known whether there is an alert.
func (s *Source) checkAnswer(a national.Answer) error {
	media, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	isJSON := media == fhir.MediaType || media == "application/json"
	switch {
	case a.Status == http.StatusOK && isJSON:
		return nil
	case a.Status == http.StatusOK:
		return s.Client.Fail(national.Malformed, a, "not FHIR by its content type")
	case a.Status == http.StatusNotFound && isJSON:
		var o fhir.OperationOutcome
		if json.Unmarshal(a.Body, &o) == nil && o.ResourceType == "OperationOutcome" && o.HasIssue("not-found") {
			return s.Client.Fail(national.PatientUnknown, a, "the patient is not known")
		}
	}
	return s.Client.Fail(national.Malformed, a, "an unexpected status")
}

// failure returns the *national.Failure for a *fault. Other errors and nil are unchanged.
func (s *Source) failure(a national.Answer, err error) error {
	f := (*fault)(nil)
	switch {
	case !errors.As(err, &f):
		return err
	case f.otherPatient:
		return s.Client.Fail(national.OtherPatient, a, f.detail)
	}
	return s.Client.Fail(national.Malformed, a, f.detail)
}

// report returns the *national.Failure for a *fault that was found after the answer had been read. It is logged and
// counted. Other errors and nil are unchanged.
func (s *Source) report(ctx context.Context, err error) error {
	if f := (*fault)(nil); !errors.As(err, &f) {
		return err
	}
	err = s.failure(national.Answer{Status: http.StatusOK}, err)
	s.Client.Report(ctx, err)
	return err
}
