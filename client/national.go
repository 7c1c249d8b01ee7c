package client

import (
	"fmt"
	"time"

	"wardlight/internal/fhir"
)

// nationalServices are the names of the national services for users.
var nationalServices = map[string]string{
	fhir.ServicePDS: "PDS", fhir.ServicePatientFlags: "Patient Flags", fhir.ServiceSpine: "Spine",
	fhir.ServiceSummary: "Summary Care Record",
}

// nationalKinds are the kinds for the failures of a national service, with their sentences. %s is the service.
var nationalKinds = map[string]struct {
	kind     Kind
	sentence string
}{
	fhir.FailureUnavailable:  {NationalUnavailable, "%s cannot be reached."},
	fhir.FailureTimedOut:     {NationalTimedOut, "%s did not answer in time."},
	fhir.FailureBusy:         {NationalBusy, "%s is busy."},
	fhir.FailureRefused:      {NationalRefused, "%s refused the hub's request."},
	fhir.FailureMalformed:    {NationalMalformed, "The answer of %s could not be understood."},
	fhir.FailureOtherPatient: {NationalOtherPatient, "%s answered about another patient."},
	fhir.FailureNotOffered:   {NotOffered, "This is not offered by %s."},
	fhir.FailureSignInNeeded: {NationalSignInNeeded, "%s requires a sign-in with CIS2."},
	fhir.FailureAuthorMissing: {
		NationalAuthorMissing, "%s requires your name and that of your organisation, and the hub lacks one.",
	},
	fhir.FailurePatientUnknown: {NationalPatientUnknown, "%s does not know this patient."},
	fhir.FailureOpeningAsks:    {kind: OpeningAsks},

	fhir.FailureNoConsent: {kind: SummaryNoConsent}, fhir.FailureAccessControlled: {kind: SummaryAccessControlled},
}

// isNational reports whether the kind is a failure of a national service that this version knows. Then MayBeTold says
// whether an opening may have been recorded.
func (k Kind) isNational() bool {
	for _, n := range nationalKinds {
		if n.kind == k {
			return true
		}
	}
	return false
}

// setNational sets kind and sentence of e if the outcome is about a failure of a national service, and reports whether
// it is. The sentence has the time in the zone in which the hub writes it, that of the United Kingdom.
func (e *Error) setNational(o fhir.OperationOutcome) bool {
	service, failure, issue, ok := o.NationalFailure()
	if !ok {
		return false
	}
	name := nationalServices[service]
	if x, has := issue.Extended(fhir.ExtensionMayBeTold); has && x.ValueBoolean != nil {
		e.MayBeTold = *x.ValueBoolean
	}
	known, ok := nationalKinds[failure]
	if !ok {
		e.Kind, e.Detail = NationalFailing, name+" cannot answer now."
		return true
	}
	e.Kind = known.kind
	if known.sentence != "" {
		e.Detail = fmt.Sprintf(known.sentence, name)
	}
	if x, has := issue.Extended(fhir.ExtensionDownSince); has && e.Kind == NationalUnavailable {
		if since, err := time.Parse(time.RFC3339, x.ValueInstant); err == nil {
			e.Detail = fmt.Sprintf("%s cannot be reached since %s.", name, since.Format("15:04"))
		}
	}
	return true
}
