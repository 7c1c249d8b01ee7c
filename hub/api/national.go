package api

import (
	"fmt"
	"net/http"
	"time"

	"wardlight/hub/national"
	"wardlight/internal/fhir"
)

// nationalWords are the answers for the kinds of failures of national services. %s is the service.
var nationalWords = map[national.Kind]string{
	national.Unavailable:  "%s cannot be reached.",
	national.TimedOut:     "%s did not answer in time.",
	national.Busy:         "%s gets too many requests.",
	national.Refused:      "%s refused the hub's request.",
	national.Malformed:    "%s gave an answer that cannot be understood.",
	national.OtherPatient: "%s gave an answer about another patient.",
	national.NotOffered:   "%s does not offer this.",
	national.OpeningAsks: "%s cannot be asked whether there is an alert without notifying the local authority. " +
		"Opening the alert asks it.",
	national.SignInNeeded: "%s requires a sign-in with CIS2.",
	national.NoConsent: "%s: the patient does not consent to storing or sharing a summary, so there is none to view. " +
		"This is not a statement about allergies or medicines.",
	national.AccessControlled: "%s: access control does not permit this view.",
	national.AuthorMissing:    "%s requires the names of the person and of the organisation, and the hub lacks one.",
	national.PatientUnknown:   "%s does not know this patient.",
}

// nationalProblem returns the answer for a failure of a national service. It has the Spine code of an unavailable
// service, or of an unsupported one, and the failure's own code beside it.
func nationalProblem(f *national.Failure) *problem {
	p := &problem{
		status: http.StatusServiceUnavailable, code: "UNABLE_TO_CALL_SERVICE",
		diagnostics: fmt.Sprintf(nationalWords[f.Kind], f.Service), wait: f.Wait, national: f, since: f.Since,
	}
	if f.Kind == national.NotOffered || f.Kind == national.OpeningAsks {
		p.status, p.code, p.issue = http.StatusNotImplemented, "UNSUPPORTED_SERVICE", "not-supported"
	}
	switch f.Kind {
	case national.NoConsent:
		p.status, p.code = http.StatusForbidden, "ACCESS_DENIED"
	case national.AccessControlled:
		p.status, p.code = fhir.StatusAccessControlled, "ACCESS_DENIED"
	}
	return p
}

// describeNational adds the failure's code to the issue, since when the service has been down, and whether the local
// authority may have been notified.
// The instant has the offset of since's zone, because terminals show it as it is written.
func describeNational(i *fhir.Issue, f *national.Failure, since time.Time) {
	i.Details.Coding = append(i.Details.Coding, fhir.Coding{System: fhir.SystemNationalFailure, Code: f.Code()})
	if f.Kind == national.Unavailable && !since.IsZero() {
		i.Extension = append(i.Extension, fhir.Extension{
			URL: fhir.ExtensionDownSince, ValueInstant: since.Format(time.RFC3339),
		})
	}
	if f.MayBeTold {
		told := true
		i.Extension = append(i.Extension, fhir.Extension{URL: fhir.ExtensionMayBeTold, ValueBoolean: &told})
	}
}
