package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Lamp checks whether there is an alert, and whether there are other flags that the role may see, in one call if the
// hub offers the Patient Flags API. The first lamp of a Hub also asks whether it does. It notifies nobody.
//
// It returns no error: after a failure the Lamp's State is CouldNotCheck, or NotChecked if only an opening asks the
// national service or if the role may see only other flags, and Err has the reason.
func (a *Acting) Lamp(ctx context.Context, n nhs.Number) Lamp {
	hub := a.session.hub
	offered, unknown := hub.OffersFlags(ctx)
	if offered {
		lamp, served := a.flagLamps(ctx, n)
		if served {
			return a.noted(lamp)
		}
		hub.offers.set(false, hub.clock()) // an older hub has replaced this one
	}

	var lamp Lamp
	switch d := rbac.Decide(a.role, rbac.SeeLamp); {
	case !d.Allowed:
		lamp = Lamp{Number: n, State: CouldNotCheck, Err: NotAllowedBy(d)}
	case noAnswer(unknown):
		lamp = uncheckedLamp(call{requestID: requestOf(unknown)}, n, unknown)
	default:
		lamp = a.cpisLamp(ctx, n)
	}
	if unknown != nil { // the hub may have other flags
		lamp = flagsUnchecked(lamp, unknown)
	}
	return a.noted(lamp)
}

// noted returns the lamp, and notes that only an opening asks the national service if it says so.
func (a *Acting) noted(lamp Lamp) Lamp {
	if lamp.Err != nil && KindOf(lamp.Err) == OpeningAsks {
		a.session.hub.openingAsks.Store(true)
	}
	return lamp
}

// requestOf returns the id of the request of an error.
func requestOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.RequestID
	}
	return ""
}

// noAnswer reports whether a call got no answer, so that another call would get none either.
func noAnswer(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == 0
}

// NotAllowedBy returns the error of an action that the role does not allow. It has no HTTP status, because no request
// was sent.
func NotAllowedBy(d rbac.Decision) *Error {
	e := &Error{Kind: NotAllowed, Detail: d.Reason()}
	for _, code := range d.Missing {
		e.Missing = append(e.Missing, string(code))
	}
	return e
}

// flagsUnchecked returns the lamp with the flags that every role sees as CouldNotCheck.
func flagsUnchecked(l Lamp, err error) Lamp {
	l.Flags = []FlagLamp{{Kind: ReasonableAdjustments, State: CouldNotCheck, Err: err}}
	return l
}

// flagLamps asks for all flags of the patient. served is false if the hub doesn't serve the path.
func (a *Acting) flagLamps(ctx context.Context, n nhs.Number) (lamp Lamp, served bool) {
	c := a.read(patientFlags+"/Flag", patientFlags+"/Flag")
	c.query = url.Values{"patient": {n.Digits()}}
	ans, err := a.ask(ctx, c)
	switch {
	case notServed(err):
		return Lamp{}, false
	case err != nil:
		return flagsUnchecked(uncheckedLamp(c, n, err), err), true
	}
	return readFlagLamps(c, ans, n, a.session.hub.clock()), true
}

// readFlagLamps parses the answer. NoneRecorded of a kind requires a well-formed searchset for exactly this patient
// without a flag or an outcome of the kind. A malformed flag is never "none recorded" of its kind, and doesn't hide
// another kind. FGM without a flag has no lamp.
func readFlagLamps(c call, ans answer, n nhs.Number, now time.Time) Lamp {
	set, err := readFlagset(c, ans, n)
	if err != nil {
		return flagsUnchecked(uncheckedLamp(c, n, err), err)
	}

	lamp := Lamp{Number: n, RequestID: c.requestID, RecordMissing: set.recordMissing}
	lamp.State, lamp.Err = set.state(c, fhir.CodeCPISFlag, ans, now)
	if set.recordMissing && lamp.State == NoneRecorded { // an unknown patient is not "none recorded"
		lamp.State, lamp.Err = CouldNotCheck, malformed(c, ans, "no flag, of a patient without a record")
	}
	if lamp.Answered() {
		lamp.AsOf = set.asOf
	}

	for _, kind := range []FlagKind{ReasonableAdjustments, FGM} {
		if f := set.lamp(c, kind, ans, now); kind != FGM || f.State != NoneRecorded {
			lamp.Flags = append(lamp.Flags, f)
		}
	}
	return lamp
}

// state returns the state of a kind of flag, and the error of CouldNotCheck and NotChecked.
func (s *flagset) state(c call, kind string, ans answer, now time.Time) (State, error) {
	outcome, unknown := s.unknown[kind]
	switch {
	case s.found[kind]:
		return Alert, nil
	case s.broken[kind] != nil:
		return CouldNotCheck, s.broken[kind]
	case !unknown:
		return NoneRecorded, nil
	}

	e := ofOutcome(c, outcome, ans, now)
	if outcome.HasIssue(issueNotSupported) || outcome.HasIssue(issueForbidden) {
		return NotChecked, e
	}
	return CouldNotCheck, e
}

// lamp returns the lamp of a kind of flag other than child protection.
func (s *flagset) lamp(c call, kind FlagKind, ans answer, now time.Time) FlagLamp {
	f := FlagLamp{Kind: kind}
	var err error
	f.State, err = s.state(c, string(kind), ans, now)
	if s.recordMissing && f.State == NoneRecorded && kind != FGM {
		f.State, err = CouldNotCheck, malformed(c, ans, "no flag, of a patient without a record")
	}

	switch f.State {
	case Alert:
		f.AsOf, f.Details = s.asOf, s.details[string(kind)]
	case NoneRecorded:
		f.AsOf = s.asOf
	case NotChecked:
		f.Reason = notCheckedReason(err)
	case CouldNotCheck:
		f.Err = err
	}
	return f
}

// notCheckedReason returns why a flag other than child protection was not checked, as a sentence.
func notCheckedReason(err error) string {
	var e *Error
	if errors.As(err, &e) && (e.Kind == NotAllowed || e.Kind.isNational()) {
		return e.Sentence()
	}
	return "The hub does not have flags of this kind."
}

// outcomeStatus are the HTTP statuses with which the hub answers a request for one kind of flag, by the FHIR IssueType.
var outcomeStatus = map[string]int{
	issueSuppressed: http.StatusForbidden, issueForbidden: http.StatusForbidden, issueNotFound: http.StatusNotFound,
	issueNotSupported: http.StatusNotImplemented, "throttled": http.StatusTooManyRequests,
}

// ofOutcome returns the error of an outcome about one kind of flag: that of a request for this kind alone.
func ofOutcome(c call, o fhir.OperationOutcome, ans answer, now time.Time) *Error {
	status := http.StatusServiceUnavailable
	for issue, s := range outcomeStatus {
		if o.HasIssue(issue) {
			status = s
		}
	}
	body, err := json.Marshal(o)
	if err != nil {
		return malformed(c, ans, "outcome that cannot be encoded")
	}
	return refusal(c, answer{status: status, header: ans.header, body: body}, now)
}
