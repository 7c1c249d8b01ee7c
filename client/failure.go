package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/certerror"
	"wardlight/internal/fhir"
	"wardlight/rbac"
)

// maxSkew is how far this computer's clock and the hub's may differ (docs/api.md, Sign-in).
const maxSkew = 120 * time.Second

// netFailure returns the error of a call that brought no answer. ctx is the caller's, without the call's own time
// limit.
func netFailure(ctx context.Context, err error, requestID string) *Error {
	// The outer *url.Error quotes the address, and with it the patient's NHS number.
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	e := &Error{Kind: Unreachable, RequestID: requestID, Err: err}
	var network net.Error
	var refused *proxyRefusal
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Kind = Cancelled
	case errors.As(err, &refused):
		e.Kind, e.Detail = Intercepted, refused.sentence()
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		e.Kind = TimedOut
	case isTrustFailure(err):
		e.Kind = Untrusted
		var why *certerror.Error
		if errors.As(certerror.Nameless(err), &why) {
			e.Detail = strings.TrimSuffix(table[Untrusted].Sentence, ".") + ": " + why.Reason.Words() + "."
		}
	}
	return e
}

// isTrustFailure tells whether the other side could not prove that it is the hub, or does not speak TLS at all.
func isTrustFailure(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		host         x509.HostnameError
		invalid      x509.CertificateInvalidError
		record       tls.RecordHeaderError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host) ||
		errors.As(err, &invalid) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// rubbish returns an answer that is not what it says it is. why is for support and names no patient.
func rubbish(c call, a answer, why string) *Error {
	return &Error{Kind: Rubbish, Status: a.status, RequestID: c.requestID, Err: errors.New(why)}
}

// refusal returns the error of an answer with a status other than 200 from the FHIR side (PDS FHIR R4 API, errors). It
// decides by status and Spine code; the diagnostics may change and are only searched for activity codes.
func refusal(c call, a answer, now time.Time) *Error {
	var outcome fhir.OperationOutcome
	if json.Unmarshal(a.body, &outcome) != nil || outcome.ResourceType != "OperationOutcome" {
		if refusedOnTheWay(a.status) {
			return intercepted(c, a)
		}
		outcome = fhir.OperationOutcome{}
	}
	e := &Error{Status: a.status, SpineCode: plainCode(outcome.SpineCode()), RequestID: c.requestID}
	switch {
	case a.status == http.StatusBadRequest:
		e.Kind = BadRequest
	case a.status == http.StatusUnauthorized:
		e.Kind = SignedOut
		if skew := skewOf(a, now); skew.Abs() > maxSkew { // the hub refuses proofs with a wrong time
			e.Kind, e.Detail = ClockWrong, skewWords(skew)
		}
	case a.status == http.StatusForbidden && outcome.HasIssue(issueSuppressed):
		e.Kind = Sensitive
	case a.status == http.StatusForbidden:
		e.Kind = NotAllowed
		e.Missing = missingCodes(outcome)
		e.Detail = missingWords(e.Missing)
	case a.status == http.StatusServiceUnavailable && outcome.HasIssue(issueIncomplete):
		e.Kind = Incomplete
	case a.status == http.StatusNotFound && (e.SpineCode == codeNotFound || e.SpineCode == "" && outcome.HasIssue(issueNotFound)):
		e.Kind = NotFound
	case a.status == http.StatusNotFound && e.SpineCode == "INVALIDATED_RESOURCE":
		e.Kind = Invalidated
	default:
		e.Kind, e.Wait = byStatus(a.status), waitOf(a, now)
	}
	return e
}

// refusedOnTheWay reports whether an answer with the status, and without the body with which the hub refuses, is of
// something between this computer and the hub, such as a proxy, a firewall or the sign-in page of a guest network: a
// redirect, status 511 (RFC 6585 §6), and every client error but those that are no refusal.
func refusedOnTheWay(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	case http.StatusNetworkAuthenticationRequired:
		return true
	}
	return status >= 300 && status < 500
}

// intercepted returns the error of an answer for which refusedOnTheWay is true.
func intercepted(c call, a answer) *Error {
	return &Error{
		Kind: Intercepted, Status: a.status, RequestID: c.requestID,
		Detail: fmt.Sprintf("Something between this computer and the hub refused the request, with status %d.", a.status),
	}
}

// longestWait is the most that is believed of a Retry-After.
const longestWait = time.Hour

// waitOf returns how long a 429 or a 503 asks to wait (RFC 9110 §10.2.3, in seconds or until a date); 0 where it does
// not say. A date is compared with the hub's own clock, where the answer has one.
func waitOf(a answer, now time.Time) time.Duration {
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return 0
	}
	given := a.header.Get("Retry-After")
	if n, err := strconv.Atoi(given); err == nil {
		return max(0, time.Duration(min(n, int(longestWait/time.Second)))*time.Second)
	}
	until, err := http.ParseTime(given)
	if err != nil {
		return 0
	}
	return max(0, min(until.Sub(now.Add(-skewOf(a, now))), longestWait))
}

// waitWords returns a wait: "1 second", "20 seconds", "2 minutes".
func waitWords(wait time.Duration) string {
	n, unit := int((wait+time.Second-1)/time.Second), "second"
	if n > 90 {
		n, unit = (n+59)/60, "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// The FHIR IssueTypes that decide: of an answer that is kept back for privacy, of a hub that lacks plans, and of a
// patient whom nobody knows, which the Patient Flags API says without a Spine code.
const (
	issueSuppressed = "suppressed"
	issueIncomplete = "incomplete"
	issueNotFound   = "not-found"
)

// codeNotFound is the Spine code of a patient whom nobody knows.
const codeNotFound = "RESOURCE_NOT_FOUND"

// byStatus returns the kind of an answer of which the status alone can be trusted.
func byStatus(status int) Kind {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return TimedOut
	case status == http.StatusTooManyRequests:
		return Busy
	case status >= 500:
		return Failing
	}
	return Unexpected
}

// activityCode is how the National RBAC Database writes one.
var activityCode = regexp.MustCompile(`\bB\d{4}\b`)

// missingCodes returns the activity codes that the outcome's diagnostics name, each once.
func missingCodes(o fhir.OperationOutcome) []string {
	var codes []string
	for _, i := range o.Issue {
		for _, code := range activityCode.FindAllString(i.Diagnostics, -1) {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// missingWords returns the sentence of a refusal that named codes; "" leaves the table's.
func missingWords(codes []string) string {
	if len(codes) == 0 {
		return ""
	}
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = c
		if name := rbac.ActivityCode(c).Name(); name != c {
			words[i] = fmt.Sprintf("%s (%s)", c, name)
		}
	}
	return fmt.Sprintf("The hub says that this role lacks %s.", strings.Join(words, " and "))
}

// skewOf returns how far this computer's clock is ahead of the hub's, by the answer's Date; 0 when it has none.
func skewOf(a answer, now time.Time) time.Duration {
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return 0
	}
	return now.Sub(date)
}

// skewWords returns the sentence of a wrong clock: "This computer's clock is 7 min slow."
func skewWords(skew time.Duration) string {
	direction := "fast"
	if skew < 0 {
		direction = "slow"
	}
	by := skew.Abs()
	switch {
	case by < time.Minute:
		return ""
	case by < 2*time.Hour:
		return fmt.Sprintf("This computer's clock is %d min %s.", int(by.Minutes()), direction)
	case by < 48*time.Hour:
		return fmt.Sprintf("This computer's clock is %d hours %s.", int(by.Hours()), direction)
	}
	return fmt.Sprintf("This computer's clock is %d days %s.", int(by.Hours()/24), direction)
}

// codeForm is what a Spine code or the reason of a refused sign-in looks like.
var codeForm = regexp.MustCompile(`^[A-Za-z_]{1,40}$`)

// plainCode lets a code of the expected form through, and nothing else: it is read out to support and printed.
func plainCode(s string) string {
	if codeForm.MatchString(s) {
		return s
	}
	return ""
}
