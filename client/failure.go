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

// maxSkew is the maximum difference between this computer's clock and the hub's (docs/api.md, Sign-in).
const maxSkew = 120 * time.Second

// netFailure returns the error of a call without an answer. ctx is the caller's context, without the timeout of the
// call.
func netFailure(ctx context.Context, err error, requestID string) *Error {
	// The outer *url.Error contains the URL, and in it the patient's NHS number.
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

// isTrustFailure reports whether the server could not prove that it is the hub, or doesn't support TLS.
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

// malformed returns the error of a malformed answer. why is for support and names no patient.
func malformed(c call, a answer, why string) *Error {
	return &Error{Kind: Malformed, Status: a.status, RequestID: c.requestID, Err: errors.New(why)}
}

// refusal returns the error of a FHIR answer with a status other than 200 (PDS FHIR R4 API, errors). The kind depends
// on the status and the Spine code. The diagnostics may change, so only activity codes are taken from them.
func refusal(c call, a answer, now time.Time) *Error {
	var outcome fhir.OperationOutcome
	if json.Unmarshal(a.body, &outcome) != nil || outcome.ResourceType != "OperationOutcome" {
		if isIntercepted(a.status) {
			return intercepted(c, a)
		}
		outcome = fhir.OperationOutcome{}
	}

	e := &Error{
		Status: a.status, SpineCode: plainCode(outcome.SpineCode()), RequestID: c.requestID, byBrowser: c.byBrowser,
	}
	switch {
	case e.setNational(outcome):
		e.Wait = waitOf(a, now)
	case a.status == http.StatusBadRequest:
		e.Kind = BadRequest
	case a.status == http.StatusUnauthorized:
		e.Kind = SignedOut
		if skew := skewOf(a, now); skew.Abs() > maxSkew { // with a wrong clock the hub rejects the proofs
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
	case a.status == http.StatusNotFound && (e.SpineCode == codeNotFound || e.SpineCode == "" &&
		outcome.HasIssue(issueNotFound)):
		e.Kind = NotFound
	case a.status == http.StatusNotFound && e.SpineCode == "INVALIDATED_RESOURCE":
		e.Kind = Invalidated
	default:
		e.Kind, e.Wait = byStatus(a.status), waitOf(a, now)
	}

	return e
}

// isIntercepted reports whether a response with the status, but not in the hub's error format, comes from a proxy, a
// firewall or the sign-in page of a guest network. That is so for redirects, status 511 (RFC 6585 §6), and all client
// errors except 408 and 429, which are no refusal.
func isIntercepted(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	case http.StatusNetworkAuthenticationRequired:
		return true
	}
	return status >= 300 && status < 500
}

// intercepted returns the error of an answer for which isIntercepted returns true.
func intercepted(c call, a answer) *Error {
	return &Error{
		Kind: Intercepted, Status: a.status, RequestID: c.requestID,
		Detail: fmt.Sprintf("Something between this computer and the hub refused the request, with status %d.",
			a.status),
	}
}

// maxRetryAfter is the maximum for a Retry-After. A longer time is reduced to it.
const maxRetryAfter = time.Hour

// waitOf returns the Retry-After time of a 429 or a 503, in seconds or as a date (RFC 9110 §10.2.3), or 0 if there is
// none. A date is compared with the hub's clock if the answer has a Date header.
func waitOf(a answer, now time.Time) time.Duration {
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return 0
	}
	given := a.header.Get("Retry-After")
	if n, err := strconv.Atoi(given); err == nil {
		return max(0, time.Duration(min(n, int(maxRetryAfter/time.Second)))*time.Second)
	}
	until, err := http.ParseTime(given)
	if err != nil {
		return 0
	}
	return max(0, min(until.Sub(now.Add(-skewOf(a, now))), maxRetryAfter))
}

// waitWords returns a duration in words: "1 second", "20 seconds", "2 minutes".
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

// FHIR IssueTypes that decide the kind: an answer withheld for privacy, a hub without all plans, and an unknown
// patient, which the Patient Flags API reports without a Spine code.
const (
	issueSuppressed = "suppressed"
	issueIncomplete = "incomplete"
	issueNotFound   = "not-found"
)

// FHIR IssueTypes of outcomes about one kind of flag, which mean that it was not checked.
const (
	issueNotSupported = "not-supported"
	issueForbidden    = "forbidden"
)

// codeNotFound is the Spine code for an unknown patient.
const codeNotFound = "RESOURCE_NOT_FOUND"

// byStatus returns the kind for a status, for answers whose body is of no use.
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

// activityCode matches an activity code in the form of the National RBAC Database.
var activityCode = regexp.MustCompile(`\bB\d{4}\b`)

// missingCodes returns the activity codes in the outcome's diagnostics, without duplicates.
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

// missingWords returns the sentence of a refusal with codes, or "" without codes.
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

// skewOf returns how far this computer's clock is ahead of the hub's Date header, or 0 without one.
func skewOf(a answer, now time.Time) time.Duration {
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return 0
	}
	return now.Sub(date)
}

// skewWords returns the sentence for a wrong clock, such as "This computer's clock is 7 min slow."
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

// codeForm matches a Spine code or the reason of a refused sign-in.
var codeForm = regexp.MustCompile(`^[A-Za-z_]{1,40}$`)

// plainCode returns s if it has the expected form, and "" otherwise, because codes are printed and read out to
// support.
func plainCode(s string) string {
	if codeForm.MatchString(s) {
		return s
	}
	return ""
}
