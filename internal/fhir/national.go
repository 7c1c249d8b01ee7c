package fhir

import "strings"

// SystemNationalFailure is the code system of the failures of national services. An OperationOutcome of the hub has
// such a code beside the Spine code. The code is that of the service, "-" and that of the failure, such as
// pds-unavailable. The system is specific to Wardlight; the codes don't change between versions.
const SystemNationalFailure = "https://wardlight/CodeSystem/national-failure"

// Codes of the national services.
const (
	ServicePDS          = "pds"
	ServicePatientFlags = "patient-flags"
	ServiceSpine        = "spine"
	ServiceSummary      = "scr" // Summary Care Record
)

// Codes of failures of national services.
const (
	FailureUnavailable   = "unavailable"
	FailureTimedOut      = "timed-out"
	FailureBusy          = "busy"
	FailureRefused       = "refused"
	FailureMalformed     = "malformed"
	FailureOtherPatient  = "other-patient"
	FailureNotOffered    = "not-offered"
	FailureOpeningAsks   = "opening-asks"
	FailureSignInNeeded  = "sign-in-needed"
	FailureAuthorMissing = "author-missing"

	FailureNoConsent        = "no-consent"
	FailureAccessControlled = "access-controlled"
	FailurePatientUnknown   = "patient-unknown"
)

// StatusAccessControlled is the HTTP status of the NHS Summary Care Record API for a view that access control refuses.
// HTTP does not define it.
const StatusAccessControlled = 420

// Extensions of an issue about a failure of a national service. They are specific to Wardlight.
const (
	ExtensionDownSince = "urn:wardlight:down-since"  // valueInstant: since when the service has been down
	ExtensionMayBeTold = "urn:wardlight:may-be-told" // valueBoolean: the local authority may have been notified
)

// NationalFailure returns the codes of the service and of the failure, and the issue that has them. ok is false unless
// the outcome is about a failure of a national service that this package defines.
func (o *OperationOutcome) NationalFailure() (service, failure string, issue Issue, ok bool) {
	for _, i := range o.Issue {
		if i.Details == nil {
			continue
		}
		for _, c := range i.Details.Coding {
			if c.System != SystemNationalFailure {
				continue
			}
			for _, s := range []string{ServicePDS, ServicePatientFlags, ServiceSpine, ServiceSummary} {
				if f, of := strings.CutPrefix(c.Code, s+"-"); of {
					return s, f, i, true
				}
			}
		}
	}
	return "", "", Issue{}, false
}

// Extended returns the extension with the URL, or false if the issue has none.
func (i Issue) Extended(url string) (Extension, bool) {
	for _, x := range i.Extension {
		if x.URL == url {
			return x, true
		}
	}
	return Extension{}, false
}
