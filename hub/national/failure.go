package national

import (
	"fmt"
	"time"

	"wardlight/internal/fhir"
)

// Names of the services in failures, for users.
const (
	PDS          = "PDS"
	PatientFlags = "Patient Flags"
	Spine        = "Spine"

	SummaryCareRecord = "Summary Care Record"
)

// Kind classifies the failures of national services. Each reads "could not check" to the user, except for NotOffered
// and OpeningAsks, which read "not checked".
type Kind int

// Kinds of failures.
const (
	Unavailable  Kind = iota // no connection, 5xx, or the circuit is open: see Failure.Since
	TimedOut                 // no answer within the caller's time
	Busy                     // 429, and Retry-After exceeds the caller's time: see Failure.Wait
	Refused                  // the service or its gateway refused the hub's credentials or the person
	Malformed                // the answer could not be understood
	OtherPatient             // the answer is about another patient
	NotOffered               // this service does not offer the request
	OpeningAsks              // the service can't be asked whether there is an alert without notifying the authority
	SignInNeeded             // the service wants the person's own CIS2 sign-in, and the session has none
	// 403 of Summary Care Record: the patient has not consented to storing or sharing a summary
	NoConsent
	AccessControlled // 420 of Summary Care Record: access control of the service refused the view
	// the service wants the person's name or organisation, which the hub lacks; nothing was sent
	AuthorMissing
	PatientUnknown // the service has no record of the patient
)

// kindNames are the codes of the kinds in the hub's answers, in metrics and in the log.
var kindNames = map[Kind]string{
	Unavailable: fhir.FailureUnavailable, TimedOut: fhir.FailureTimedOut, Busy: fhir.FailureBusy,
	Refused: fhir.FailureRefused, Malformed: fhir.FailureMalformed, OtherPatient: fhir.FailureOtherPatient,
	NotOffered: fhir.FailureNotOffered, OpeningAsks: fhir.FailureOpeningAsks, SignInNeeded: fhir.FailureSignInNeeded,
	AuthorMissing: fhir.FailureAuthorMissing, NoConsent: fhir.FailureNoConsent,
	AccessControlled: fhir.FailureAccessControlled,
	PatientUnknown:   fhir.FailurePatientUnknown,
}

// String returns the code of the kind, such as "timed-out".
func (k Kind) String() string { return kindNames[k] }

// serviceCodes are the codes of the services in the hub's answers.
var serviceCodes = map[string]string{
	PDS: fhir.ServicePDS, PatientFlags: fhir.ServicePatientFlags, Spine: fhir.ServiceSpine,
	SummaryCareRecord: fhir.ServiceSummary,
}

// Failure is an answer that could not be had from a national service. The hub answers it with an OperationOutcome that
// has the kind; it never reads "none recorded".
type Failure struct {
	Service    string // PDS, PatientFlags or Spine
	Kind       Kind
	Detail     string        // for the log, without patient data and without the service's text
	Status     int           // HTTP status of the service; 0 without an answer
	Since      time.Time     // of Unavailable: the service has been down since then; zero if not known
	Wait       time.Duration // of Busy and Unavailable: time after which to ask again; 0 if not known
	MayBeTold  bool          // the request may have notified the local authority
	ServiceErr error         // the cause; may be nil
}

// Error returns the service, the kind and the detail.
func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %s, status %d: %s", f.Service, f.Kind, f.Status, f.Detail)
}

// Code returns the code of the service and the kind in [fhir.SystemNationalFailure], such as "pds-timed-out".
func (f *Failure) Code() string { return serviceCodes[f.Service] + "-" + f.Kind.String() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.ServiceErr }
