package api

import (
	"net/http"
	"regexp"
	"strings"

	"wardlight/rbac"
)

// Headers of the FHIR services.
const (
	headerRequestID   = "X-Request-ID"
	headerURID        = "NHSD-Session-URID"
	headerEndUserOrg  = "NHSD-End-User-Organisation-ODS"
	headerUnscheduled = "IsUnscheduledAccessEvent"
)

// uuidForm matches a UUID as the PDS API accepts it: any version, in either case.
var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// maxMirrored is the maximum length of an invalid X-Request-ID that is returned in the answer.
const maxMirrored = 128

// requestID returns the request's ID in lower case if it is a UUID, and the header as received. A UUID in capitals is
// the same UUID (RFC 9562 §4).
func requestID(r *http.Request) (id, given string) {
	given = r.Header.Get(headerRequestID)
	if len(r.Header.Values(headerRequestID)) == 1 && uuidForm.MatchString(given) {
		return strings.ToLower(given), given
	}
	return "", given
}

// loggedID returns the request's ID as in the audit for the log, or "" if the header isn't a UUID, because it may
// contain anything.
func loggedID(w http.ResponseWriter) string {
	if id := w.Header().Get(headerRequestID); uuidForm.MatchString(id) {
		return strings.ToLower(id)
	}
	return ""
}

// odsForm matches an ODS code: up to ten letters and digits (ODS, code formats).
var odsForm = regexp.MustCompile(`^[0-9A-Za-z]{1,10}$`)

// endUserOrgOK reports whether the header with the end user's organisation is missing or an ODS code. The hub uses
// only the role's organisation.
func endUserOrgOK(r *http.Request) bool {
	values := r.Header.Values(headerEndUserOrg)
	return len(values) == 0 || len(values) == 1 && odsForm.MatchString(values[0])
}

// identityPrefix is the beginning of the headers that state who a person is, and that only the gateway of the NHS API
// platform adds. The hub knows the person by the session.
const identityPrefix = "Nhsd-Identity-"

// identityHeader returns the name of a header of the request that only the gateway adds, or "".
func identityHeader(r *http.Request) string {
	for name := range r.Header {
		if strings.HasPrefix(name, identityPrefix) {
			return name
		}
	}
	return ""
}

// headerWords are the errors for invalid headers of one of the two services.
type headerWords struct {
	missing func(header string) *problem
	invalid func(header, value string) *problem
}

// pdsHeaders are the errors of the PDS FHIR R4 API.
var pdsHeaders = headerWords{
	missing: func(header string) *problem {
		return badRequest("MISSING_VALUE", "Invalid request with error - %s header must be supplied to access this "+
			"resource", header)
	},
	invalid: func(header, value string) *problem {
		more := ""
		if header == headerURID {
			more = ". Refer to the guidance for this header in our API Specification " +
				"https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir"
		}
		return badRequest("INVALID_VALUE", "Invalid value - '%s' in header '%s'%s", value, header, more)
	},
}

// cpisHeaders are the errors of the draft CP-IS guide, which has a single code.
var cpisHeaders = headerWords{
	missing: func(header string) *problem {
		return badRequest("PRECONDITION_FAILED", "%s header must be supplied to access this resource", header)
	},
	invalid: func(header, value string) *problem {
		return badRequest("PRECONDITION_FAILED", "Invalid value - '%s' in header '%s'", value, header)
	},
}

// unscheduledAsked parses IsUnscheduledAccessEvent: whether the request is made in unscheduled care. The default is
// true (draft CP-IS guide).
func unscheduledAsked(r *http.Request) (bool, error) {
	values := r.Header.Values(headerUnscheduled)
	switch {
	case len(values) == 0:
		return true, nil
	case len(values) > 1:
		return false, badRequest("PRECONDITION_FAILED", "More than one header '%s'", headerUnscheduled)
	case values[0] == "true":
		return true, nil
	case values[0] == "false":
		return false, nil
	default:
		return false, cpisHeaders.invalid(headerUnscheduled, values[0])
	}
}

// openingAsked returns the action of an opening: with notification in unscheduled care, otherwise without.
func openingAsked(r *http.Request, _ rbac.RoleProfile) (rbac.Action, error) {
	unscheduled, err := unscheduledAsked(r)
	switch {
	case err != nil:
		return 0, err
	case unscheduled:
		return rbac.OpenAlert, nil
	default:
		return rbac.OpenSilently, nil
	}
}
