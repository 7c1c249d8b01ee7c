package api

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/identity"
	"wardlight/hub/national"
	"wardlight/hub/patientflag"
	"wardlight/hub/summary"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// problem is an unsuccessful answer.
type problem struct {
	status      int
	code        string // Spine error code
	diagnostics string
	issue       string            // FHIR IssueType; "" means the code's default
	challenge   string            // WWW-Authenticate of a 401
	wait        time.Duration     // Retry-After of a 429, and of a 503 if it isn't 0
	national    *national.Failure // the failure of a national service; nil for other problems
	since       time.Time         // since when the national service has been down; zero if not known
}

// Error returns the code and the diagnostics. The diagnostics may quote the request, so a problem must not be logged.
func (p *problem) Error() string { return p.code + ": " + p.diagnostics }

// words are the fixed members of a Spine error code (PDS FHIR R4 API, error responses).
type words struct{ severity, issue, display string }

var spine = map[string]words{
	"UNSUPPORTED_SERVICE":   {"error", "processing", "Unsupported Service"},
	"MISSING_VALUE":         {"error", "required", "Required value is missing"},
	"INVALID_VALUE":         {"error", "value", "Provided value is invalid"},
	"INVALID_SEARCH_DATA":   {"error", "value", "Search data is invalid"},
	"ADDITIONAL_PROPERTIES": {"error", "invariant", "Additional properties should not be included"},
	"INVALID_RESOURCE_ID":   {"error", "value", "Resource Id is invalid"},
	"PRECONDITION_FAILED":   {"error", "structure", "Required condition was not fulfilled"},
	"ACCESS_DENIED":         {"error", "forbidden", "Access Denied - Unauthorised"},
	"RESOURCE_NOT_FOUND":    {"information", "not-found", "Resource not found"},
	"INVALIDATED_RESOURCE": {"error", "processing", "Resource that has been marked as invalid was requested - " +
		"invalid resources cannot be retrieved"},
	"TOO_MANY_MATCHES":       {"information", "multiple-matches", "Too Many Matches"},
	"TOO_MANY_REQUESTS":      {"error", "throttled", "Too Many Requests"},
	"UNABLE_TO_CALL_SERVICE": {"error", "transient", "Unable to call service"},
	"INTERNAL_SERVER_ERROR":  {"error", "exception", "Internal Server Error"},
}

func (p *problem) outcome() *fhir.OperationOutcome {
	w := spine[p.code]
	if p.issue != "" {
		w.issue = p.issue
	}
	o := fhir.NewOutcome(w.severity, w.issue, p.code, w.display, quotable(p.diagnostics))
	if p.national != nil {
		describeNational(&o.Issue[0], p.national, p.since)
	}
	return o
}

// maxQuoted is the maximum length of diagnostics in characters, enough for any meaningful value.
const maxQuoted = 400

// quotable returns text that quotes a request without characters that a terminal interprets. The only white space in
// it is the space (R4 string).
func quotable(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
	return text.Clean(plain, maxQuoted)
}

// internalError returns the answer for a failure of the hub. No answer is better than a wrong one.
func internalError() *problem {
	return &problem{
		status: http.StatusServiceUnavailable, code: "UNABLE_TO_CALL_SERVICE",
		diagnostics: "The hub cannot answer now.",
	}
}

// asProblem returns the problem for an error, or false for a failure of the hub.
func asProblem(err error) (*problem, bool) {
	var (
		p *problem
		q *trace.QueryError
		u *identity.Unauthenticated
		f *panicked
		r *identity.Refusal
		n *national.Failure
	)

	switch {
	case errors.As(err, &f):
		return &problem{status: http.StatusInternalServerError, code: "INTERNAL_SERVER_ERROR"}, false
	case errors.As(err, &p):
		return p, true
	case errors.As(err, &q):
		return &problem{status: http.StatusBadRequest, code: q.Code, diagnostics: q.Diagnostics}, true
	case errors.As(err, &u):
		return unauthorised(u), true
	case errors.As(err, &r) && r.Reason == identity.RateLimited:
		return tooMany(r.Wait), true
	case errors.As(err, &n):
		return nationalProblem(n), true
	case errors.Is(err, cpis.ErrSensitive):
		return sensitive(), true
	case errors.Is(err, cpis.ErrUnfilled):
		return incomplete("No local authority has sent a plan to this hub, so it cannot say whether there is one."),
			true
	case errors.Is(err, cpis.ErrRestored):
		return incomplete("A backup of this hub was restored, and local authorities have not yet sent again the " +
			"plans that came after it. The hub cannot say whether there is a plan."), true
	case errors.Is(err, cpis.ErrUnchecked):
		return incomplete("The hub could not ask PDS for two days whether NHS numbers of plans were replaced. It " +
			"cannot say whether there is a plan."), true
	case errors.Is(err, cpis.ErrWithheld):
		return withheld(), true
	case errors.Is(err, patientflag.ErrNotHeld):
		return notSupported("This hub has no flags of this kind of any patient."), true
	case errors.Is(err, patientflag.ErrRestored):
		return incomplete("A backup of this hub was restored, and later flags may be missing. The hub cannot say " +
			"whether there is a flag."), true
	case errors.Is(err, summary.ErrNotHeld):
		return &problem{
			status: http.StatusNotImplemented, code: "UNSUPPORTED_SERVICE", issue: "not-supported",
			diagnostics: "This hub has no Summary Care Record of any patient.",
		}, true
	case errors.Is(err, summary.ErrRestored):
		return incomplete("A backup of this hub was restored, and later summaries may be missing. The hub cannot say " +
			"whether there is a summary."), true
	case errors.Is(err, summary.ErrOptedOut):
		return nationalProblem(&national.Failure{Service: national.SummaryCareRecord, Kind: national.NoConsent}), true
	case errors.Is(err, summary.ErrSensitive):
		return &problem{
			status: http.StatusForbidden, code: "ACCESS_DENIED", issue: "suppressed",
			diagnostics: "The record is sensitive: this hub does not share a summary of this patient.",
		}, true
	case errors.Is(err, trace.ErrNotFound):
		return &problem{status: http.StatusNotFound, code: "RESOURCE_NOT_FOUND"}, true
	case errors.Is(err, trace.ErrInvalidated):
		return &problem{status: http.StatusNotFound, code: "INVALIDATED_RESOURCE"}, true
	case errors.Is(err, trace.ErrTooMany):
		return &problem{status: http.StatusOK, code: "TOO_MANY_MATCHES"}, true
	default:
		return internalError(), false
	}
}

func unauthorised(u *identity.Unauthenticated) *problem {
	challenge := `DPoP algs="ES256"`
	if u.Code != "" {
		challenge += fmt.Sprintf(`, error=%q, error_description=%q`, u.Code, u.What)
	}
	return &problem{
		status: http.StatusUnauthorized, code: "ACCESS_DENIED", diagnostics: u.Diagnostics,
		challenge: challenge,
	}
}

// tooMany returns the answer with the time after which to retry.
func tooMany(wait time.Duration) *problem {
	return &problem{
		status: http.StatusTooManyRequests, code: "TOO_MANY_REQUESTS", wait: wait,
		diagnostics: "Too many requests. Ask again in " + seconds(wait) + " s.",
	}
}

// seconds formats a wait for Retry-After (RFC 9110 §10.2.3): whole seconds, at least one.
func seconds(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
}

// incomplete returns the answer of a hub that lacks plans of local authorities, because "none recorded" could be
// wrong.
func incomplete(why string) *problem {
	return &problem{
		status: http.StatusServiceUnavailable, code: "UNABLE_TO_CALL_SERVICE", issue: "incomplete",
		diagnostics: why,
	}
}

// fails reports whether the problem is a failure or a lack of data, and neither a refusal nor something that is not
// offered.
func (p *problem) fails() bool {
	return p.status >= http.StatusInternalServerError && p.status != http.StatusNotImplemented
}

// recorded returns the audit's outcome and reason: a failure of a national service with its code, otherwise a refusal.
func (p *problem) recorded() (outcome, reason string) {
	if p.national != nil && p.fails() {
		return audit.Failed, p.national.Code()
	}
	return audit.Refused, p.code
}

// notSupported returns the answer for what this hub does not offer with its settings.
func notSupported(why string) *problem {
	return &problem{
		status: http.StatusNotImplemented, code: "UNSUPPORTED_SERVICE", issue: "not-supported", diagnostics: why,
	}
}

// sensitive returns the refusal for a restricted patient. Without plans, an answer would be read as "none recorded".
func sensitive() *problem {
	return &problem{
		status: http.StatusForbidden, code: "ACCESS_DENIED", issue: "suppressed",
		diagnostics: "The record is sensitive: this hub does not share child protection information about this " +
			"patient.",
	}
}

// withheld returns the answer that it is unknown whether there is an alert, without the reason.
func withheld() *problem {
	return &problem{
		status: http.StatusForbidden, code: "ACCESS_DENIED", issue: "suppressed",
		diagnostics: "The hub refused plans of this patient, and their authority has not sent them again. The hub " +
			"cannot say whether there is an alert.",
	}
}

// forbidden returns a refusal with the activity codes that the role lacks.
func forbidden(d rbac.Decision) *problem {
	return &problem{status: http.StatusForbidden, code: "ACCESS_DENIED", diagnostics: d.Reason()}
}

func badRequest(code, format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, code: code, diagnostics: fmt.Sprintf(format, args...)}
}
