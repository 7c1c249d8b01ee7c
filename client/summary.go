package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/summary"
)

// summaries is the path of Summary Care Records (NHS Summary Care Record FHIR R4 API).
const summaries = "/summary-care-record/FHIR/R4"

// generalPracticeSummary is the type of document, with its system.
const generalPracticeSummary = fhir.SystemSNOMED + "|196981000000101"

// maxSummary is the maximum length of a summary in bytes.
const maxSummary = 8 << 20

// The headers of a view, which are specific to Wardlight (docs/api.md).
const (
	headerPermission = "Wardlight-Permission"
	headerReason     = "Wardlight-Permission-Reason"
	headerBasis      = "Wardlight-Permission-Basis"
)

// SummaryState is what is known about a patient's Summary Care Record. The zero value is SummaryNotChecked. No state
// but SummaryAvailable says anything about allergies or medicines.
type SummaryState int

// The states.
const (
	SummaryNotChecked    SummaryState = iota // not asked, or the hub has no summaries of any patient
	SummaryAvailable                         // Document has it
	SummaryNone                              // the patient has none on file
	SummaryNotPermitted                      // the patient does not allow one
	SummaryOutdated                          // it was replaced between the two requests
	SummaryRefused                           // the hub or the national service refused this view
	SummaryCouldNotCheck                     // no answer, or one that is not valid
)

// notKnownFrom is the sentence of the states without a summary.
const notKnownFrom = " Allergies and medicines are not known from it."

// summaryStates are the names of the states in JSON documents, and their sentences.
var summaryStates = map[SummaryState]struct{ name, sentence string }{
	SummaryNotChecked:    {"not_checked", "The Summary Care Record was not checked." + notKnownFrom},
	SummaryAvailable:     {"available", summary.Available.String()},
	SummaryNone:          {"none_on_file", summary.NoSummary.String()},
	SummaryNotPermitted:  {"not_permitted", summary.NotPermitted.String()},
	SummaryOutdated:      {"outdated", summary.Outdated.String() + notKnownFrom},
	SummaryRefused:       {"refused", "The Summary Care Record was refused." + notKnownFrom},
	SummaryCouldNotCheck: {"could_not_check", "The Summary Care Record could not be checked." + notKnownFrom},
}

// SummaryStates returns all states.
func SummaryStates() []SummaryState {
	return []SummaryState{
		SummaryNotChecked, SummaryAvailable, SummaryNone, SummaryNotPermitted, SummaryOutdated, SummaryRefused,
		SummaryCouldNotCheck,
	}
}

// String returns a sentence for the user.
func (s SummaryState) String() string { return summaryStates[s.known()].sentence }

// Name returns the state's name in JSON documents, such as "none_on_file".
func (s SummaryState) Name() string { return summaryStates[s.known()].name }

// known returns s, or SummaryNotChecked if s is none of the states.
func (s SummaryState) known() SummaryState {
	if _, ok := summaryStates[s]; ok {
		return s
	}
	return SummaryNotChecked
}

// Summary is the result of a view.
type Summary struct {
	Number    NHSNumber
	State     SummaryState
	Document  summary.Summary // of SummaryAvailable
	AsOf      time.Time       // time of the answer at the hub; zero without one
	RequestID string          // of the view, or of the request that failed
	Err       error           // *Error, if the state was not answered
}

// ViewSummary views the patient's Summary Care Record: it asks for the id of the latest one, and then for that. The hub
// records the view with its permission, and makes a privacy alert if the patient did not agree.
//
// again is "", or the RequestID of a view of the same patient with the same permission that failed with
// Error.OutcomeUnknown. The hub makes one record and one alert for all requests with the same id. The second request is
// sent twice only if the patient agreed, when it makes no alert.
//
// An incomplete permission makes no request; its error has the kind BadRequest.
func (a *Acting) ViewSummary(ctx context.Context, n NHSNumber, v SummaryView, again string) Summary {
	if problem := v.Lacks(); problem != "" {
		return unviewed(n, &Error{Kind: BadRequest, Detail: problem})
	}
	latest := a.latestSummary(ctx, n)
	if latest.State != SummaryAvailable {
		return latest
	}
	return a.readSummary(ctx, n, v, latest.Document.ID, again)
}

// latestSummary asks for the patient's latest summary. If there is one, the Document has only its id.
func (a *Acting) latestSummary(ctx context.Context, n NHSNumber) Summary {
	c := a.read(summaries+"/DocumentReference", summaries+"/DocumentReference")
	c.query = url.Values{
		"patient": {fhir.SystemNHSNumber + "|" + n.Digits()}, "type": {generalPracticeSummary}, "_sort": {"date"},
		"_count": {"1"},
	}
	ans, err := a.askSummary(ctx, c)
	if err != nil {
		return unviewed(n, err)
	}

	latest, err := summary.ReadLatest(ans.body, n)
	s, err := a.answered(c, ans, n, stateOf(latest.State), err)
	if err != nil {
		return unviewed(n, err)
	}
	s.Document.ID = latest.ID
	return s
}

// readSummary asks for the summary with that id, which is a view.
func (a *Acting) readSummary(ctx context.Context, n NHSNumber, v SummaryView, id, again string) Summary {
	c := a.read(summaries+"/Bundle", summaries+"/Bundle")
	c.maxBody, c.silent, c.opening = maxSummary, !v.Alerts(), v.Alerts()
	c.query = url.Values{
		"composition.identifier":                 {id},
		"composition.subject:Patient.identifier": {fhir.SystemNHSNumber + "|" + n.Digits()},
	}
	c.header = v.header()
	if again != "" {
		c.requestID = again
	}

	ans, err := a.askSummary(ctx, c)
	var document summary.Summary
	s := Summary{}
	if err == nil {
		document, err = summary.Read(ans.body, n, a.session.hub.clock())
		s, err = a.answered(c, ans, n, stateOf(document.State), err)
	}
	if err != nil {
		var failed *Error
		if errors.As(err, &failed) && c.opening && mayHaveBeenRecorded(failed) {
			failed.OutcomeUnknown = true
		}
		return unviewed(n, err)
	}
	s.Document = document
	return s
}

// askSummary makes a call about summaries. Its errors have kinds and words about them.
func (a *Acting) askSummary(ctx context.Context, c call) (answer, error) {
	ans, err := a.ask(ctx, c)
	if err == nil {
		err = checkFHIR(c, ans)
	}
	var failed *Error
	if errors.As(err, &failed) {
		failed.view = true
		aboutSummary(failed)
	}
	return ans, err
}

// aboutSummary changes the kind of an error that means something else about summaries than about alerts.
func aboutSummary(e *Error) {
	switch {
	case notServed(e), e.Status == http.StatusNotImplemented && e.SpineCode == codeUnsupported && !e.Kind.isNational():
		e.Kind = SummariesNotHeld
	case e.Kind == Incomplete:
		e.Kind = SummariesIncomplete
	case e.Kind == Sensitive:
		e.Kind = SummarySensitive
	case e.Kind == Unexpected && e.Status == fhir.StatusAccessControlled:
		e.Kind = SummaryAccessControlled
	}
}

// answered returns the Summary of an answer, without the document. err is the error of reading it. The time is that of
// the hub's Date header: the timestamp of the Bundle may be that of the record, and the first answer has none.
func (a *Acting) answered(c call, ans answer, n NHSNumber, state SummaryState, err error) (Summary, error) {
	if err != nil {
		e := malformed(c, ans, err.Error())
		if e.view = true; errors.Is(err, summary.ErrOtherPatient) {
			e.Kind = SummaryOtherPatient
		}
		return Summary{}, e
	}

	asOf, err := http.ParseTime(ans.header.Get("Date"))
	if err != nil {
		asOf = a.session.hub.clock()
	}
	return Summary{Number: n, State: state, AsOf: asOf, RequestID: c.requestID}, nil
}

// unviewed returns the Summary of a view that failed.
func unviewed(n nhs.Number, err error) Summary {
	s := Summary{Number: n, State: SummaryCouldNotCheck, Err: err}
	var e *Error
	if errors.As(err, &e) {
		s.RequestID, s.State = e.RequestID, e.Kind.summaryState()
	}
	return s
}

// summaryState returns the state of a view that failed with an error of this kind.
func (k Kind) summaryState() SummaryState {
	switch k {
	case SummariesNotHeld:
		return SummaryNotChecked
	case SummaryNoConsent:
		return SummaryNotPermitted
	case SummarySensitive, SummaryAccessControlled, NotAllowed:
		return SummaryRefused
	default:
		return SummaryCouldNotCheck
	}
}

// stateOf returns the state of an answer.
func stateOf(s summary.State) SummaryState {
	switch s {
	case summary.Available:
		return SummaryAvailable
	case summary.NoSummary:
		return SummaryNone
	case summary.NotPermitted:
		return SummaryNotPermitted
	case summary.Outdated:
		return SummaryOutdated
	default:
		return SummaryCouldNotCheck
	}
}

// UnviewedSummary returns the Summary for a view that was not made or whose answer is not to be shown.
func UnviewedSummary(n NHSNumber, err error) Summary { return unviewed(n, err) }
