package client

import (
	"errors"
	"fmt"
	"time"

	"wardlight/internal/fault"
)

// Kind classifies the errors of calls to the hub.
type Kind int

// Kinds. Their sentences, advice and support codes are in table.
const (
	Unexpected                Kind = iota // an answer that this version does not understand
	Unreachable                           // no connection
	Untrusted                             // the hub's TLS certificate is not trusted
	TimedOut                              // no answer in time
	Cancelled                             // cancelled by the caller
	Malformed                             // malformed answer
	Busy                                  // rate limited
	Failing                               // the hub cannot serve now (5xx)
	Intercepted                           // refused by something other than the hub, such as a proxy or a guest network
	ClientCertificateRequired             // the hub requires a client certificate that it knows
	BadRequest                            // the hub refused the request's content
	NotFound                              // no such patient
	Invalidated                           // the record was marked invalid
	Sensitive                             // CP-IS does not answer about a restricted patient
	Incomplete                            // plans of local authorities are missing, so the hub answers about no child
	SignedOut                             // no session, or it has ended
	NotAllowed                            // the role lacks a code; Missing names it where the hub did
	NonceExpired                          // the nonce expired before sign-in
	SignInRefused                         // the assertion or its proof was rejected
	ClockWrong                            // this computer's clock and the hub's differ too much
	CertificateUntrusted                  // the card's certificate was issued by a CA that the hub does not trust
	CertificateExpired                    // the card's certificate has expired
	CertificateRevoked                    // the card's certificate was revoked
	UnknownPerson                         // the hub does not know the card's holder
	BrowserNotOffered                     // the hub offers no sign-in by browser
	ProviderUnavailable                   // the hub cannot reach CIS2
	BrowserTooLate                        // the sign-in in the browser took too long, is too old or was used before
	ProviderRefused                       // CIS2 refused the code of the browser
	ProviderWeak                          // the assurance level of the sign-in is too low
	ProviderInvalid                       // an answer of CIS2 failed a check of the hub

	// Failures of a national service behind the hub.
	NationalUnavailable    // it cannot be reached
	NationalTimedOut       // it did not answer the hub in time
	NationalBusy           // it gets too many requests
	NationalRefused        // it refused the hub's credentials or the person
	NationalMalformed      // its answer could not be understood
	NationalOtherPatient   // its answer was about another patient
	NotOffered             // it does not offer the request
	NationalSignInNeeded   // it requires a sign-in with CIS2
	NationalAuthorMissing  // it requires the names of the person and the organisation, and the hub lacks one
	OpeningAsks            // only an opening asks it, because each query notifies: the alert is not checked
	NationalPatientUnknown // it has no record of the patient
	NationalFailing        // a failure that this version does not know

	// Summary Care Records and privacy alerts.
	SummariesNotHeld        // the hub has no summary of any patient, or does not have these calls
	SummariesIncomplete     // later summaries may be missing, so the hub answers about no patient
	SummarySensitive        // no summary of a restricted record is shown
	SummaryNoConsent        // the patient does not allow a summary
	SummaryAccessControlled // the access control of the national service refused the view
	SummaryOtherPatient     // the answer is about another patient
	AlertNotFound           // there is no such privacy alert, or not for this role
	AlertClosed             // the privacy alert was closed before
)

const (
	tryAgain = "Try again; if it goes on, use the local procedure and tell support the code."
	// signInAgain is the advice of SignedOut for a session without a card.
	signInAgain = "Lock with Ctrl-L and sign in again."
	useCard     = "Sign in with your smartcard."
	askRA       = "Ask your Registration Authority (RA)."
	// useProcedure is the advice if trying again does not help.
	useProcedure = "Use the local procedure and tell support the code."

	// outcomeUnknown is the advice for an opening without an answer. Opening again is safe, because it has the same
	// X-Request-ID.
	outcomeUnknown = "The opening may already be recorded. Open it again: that notifies nobody a second time. " +
		"If it goes on, use the local procedure and tell support the code."
	// outcomeUnknownFirst precedes advice that must be followed before opening again.
	outcomeUnknownFirst = "The opening may already be recorded; opening it again notifies nobody a second time. "

	// mayBeTold is the advice for an opening of which the hub does not know whether the national service notified the
	// local authority. mayBeToldFirst precedes other advice.
	mayBeTold = mayBeToldFirst + "Open it again: that sends the same message. " +
		"If it goes on, use the local procedure and tell support the code."
	mayBeToldFirst = "The local authority may have been told. "

	// viewUnknown is the advice for a view without the patient's permission and without an answer, and viewUnknownFirst
	// precedes other advice. The repetition has the same X-Request-ID.
	viewUnknown      = viewUnknownFirst + "If it goes on, use the local procedure and tell support the code."
	viewUnknownFirst = "The view and its privacy alert may already be recorded. Ask again for the same reason: that " +
		"records them once. "
)

// table has the texts of all kinds.
var table = fault.Table[Kind]{
	Unexpected:  fault.Row("The hub answered something unexpected.", tryAgain, "H01", "unexpected"),
	Unreachable: fault.Row("The hub cannot be reached.", tryAgain, "H10", "unreachable"),
	Untrusted: fault.Row("The hub's identity could not be proved.",
		"Do not go on. Tell support the code.", "H11", "untrusted"),
	TimedOut: fault.Row("The hub did not answer in time.", tryAgain, "H12", "timed_out"),
	Cancelled: fault.Row("The call was ended before the hub answered.", "Ask again.", "H13",
		"cancelled"),
	Malformed: fault.Row("The hub's answer could not be understood.", tryAgain, "H14", "rubbish"),
	Busy:      fault.Row("The hub is busy.", "Wait a moment and try again.", "H15", "busy"),
	Failing:   fault.Row("The hub cannot answer now.", tryAgain, "H16", "failing"),
	Intercepted: fault.Row("Something between this computer and the hub refused the request.", tryAgain,
		"H17", "intercepted"),
	ClientCertificateRequired: fault.Row("The hub wants a certificate of this computer, and was shown none that it "+
		"knows.", useProcedure, "H18", "certificate_wanted"),
	BadRequest: fault.Row("The hub did not accept the request.",
		"Check what was typed; tell support the code if it is right.", "H20", "bad_request"),
	NotFound: fault.Row("No patient has this NHS number.",
		"Check the number, or search by name and birth date.", "H21", "not_found"),
	Invalidated: fault.Row("This patient record was marked invalid.",
		"Search by name and birth date for the right record.", "H22", "invalidated"),
	Sensitive: fault.Row(wordsRestricted, wordsRestrictedAdvice+" Use the local procedure.", "H23",
		"sensitive"),
	Incomplete: fault.Row("The hub does not have all plans of the local authorities.",
		"Use the local procedure and tell support the code. Trying again does not help before they have sent their "+
			"plans.", "H24", "incomplete"),
	SignedOut: fault.Row("You are no longer signed in.", "Take the card out, put it back and sign in again.",
		"H30", "signed_out"),
	NotAllowed:   fault.Row("This role may not do that.", askRA, "H31", "not_allowed"),
	NonceExpired: fault.Row("The sign-in took too long.", "Type your passcode again.", "H32", "nonce_gone"),
	SignInRefused: fault.Row("The hub refused the sign-in.", "Try again; if it goes on, tell support the code.",
		"H33", "sign_in_refused"),
	ClockWrong: fault.Row("This computer's clock is wrong.",
		"Ask support to set it; the hub refuses sign-ins with a wrong time.", "H34", "clock_wrong"),
	CertificateUntrusted: fault.Row("The hub does not trust this smartcard.", "Use your NHS smartcard; if this is it, "+
		"ask your Registration Authority (RA).", "H40", "certificate_untrusted"),
	CertificateExpired: fault.Row("The certificate on this smartcard has ended.", askRA, "H41", "certificate_ended"),
	CertificateRevoked: fault.Row("This smartcard was revoked.", askRA, "H42", "certificate_revoked"),
	UnknownPerson: fault.Row("The hub does not know the holder of this smartcard.", askRA, "H43",
		"person_unknown"),
	BrowserNotOffered: fault.Row("This hub offers no sign-in in the browser.", useCard, "H44", "browser_not_offered"),
	ProviderUnavailable: fault.Row("The hub cannot reach the NHS sign-in (CIS2).",
		"Try again, or sign in with your smartcard here. If it goes on, tell support the code.", "H45",
		"cis2_unreachable"),
	BrowserTooLate: fault.Row("The sign-in in the browser took too long, or is too old.",
		"Begin it again.", "H46", "browser_too_late"),
	ProviderRefused: fault.Row("The NHS sign-in (CIS2) did not confirm the sign-in.",
		"Begin it again; if it goes on, tell support the code.", "H47", "cis2_refused"),
	ProviderWeak: fault.Row("The way in which you signed in in the browser is not strong enough for this hub.",
		"Sign in with a smartcard or a security key, in the browser or here.", "H48", "cis2_too_weak"),
	ProviderInvalid: fault.Row("The hub could not accept the answer of the NHS sign-in (CIS2).",
		"Sign in with your smartcard here, and tell support the code.", "H49", "cis2_invalid"),
	NationalUnavailable: fault.Row("A national service cannot be reached.", tryAgain, "H50", "national_unreachable"),
	NationalTimedOut:    fault.Row("A national service did not answer in time.", tryAgain, "H51", "national_timed_out"),
	NationalBusy: fault.Row("A national service is busy.", "Wait a moment and try again.", "H52",
		"national_busy"),
	NationalRefused: fault.Row("A national service refused the hub's request.", useProcedure, "H53",
		"national_refused"),
	NationalMalformed: fault.Row("A national service's answer could not be understood.", tryAgain, "H54",
		"national_malformed"),
	NationalOtherPatient: fault.Row("A national service answered about another patient.", useProcedure, "H55",
		"national_other_patient"),
	NotOffered: fault.Row("This is not offered by the national service.", "Use the local procedure.", "H56",
		"national_not_offered"),
	NationalSignInNeeded: fault.Row("A national service requires a sign-in with CIS2.",
		"Sign out, and sign in again with CIS2.", "H57", "national_sign_in"),
	NationalAuthorMissing: fault.Row("A national service requires your name and that of your organisation, and the "+
		"hub lacks one.", useProcedure, "H58", "national_author_missing"),
	OpeningAsks: fault.Row("Opening asks the national service, which tells the local authority.",
		"Open the alert only if this patient's care needs it.", "H25", "opening_asks"),
	NationalPatientUnknown: fault.Row("A national service does not know this patient.", useProcedure, "H59",
		"national_patient_unknown"),
	NationalFailing:  fault.Row("A national service cannot answer now.", tryAgain, "H61", "national_failing"),
	SummariesNotHeld: fault.Row("This hub has no Summary Care Records.", wordsElsewhere, "H62", "summaries_not_held"),
	SummariesIncomplete: fault.Row("The hub may lack Summary Care Records after a backup was restored.",
		wordsElsewhere+" Tell support the code.", "H63", "summaries_incomplete"),
	SummarySensitive: fault.Row("Restricted: no Summary Care Record of this patient is shown here.",
		"This is not a fault. "+wordsElsewhere, "H64", "summary_sensitive"),
	SummaryNoConsent: fault.Row("The patient does not allow a Summary Care Record.", wordsElsewhere, "H65",
		"summary_no_consent"),
	SummaryAccessControlled: fault.Row("The national service does not permit this view.", askRA, "H66",
		"summary_access_controlled"),
	SummaryOtherPatient: fault.Row("The answer is about another patient. It is not shown.", useProcedure, "H67",
		"summary_other_patient"),
	AlertNotFound: fault.Row("There is no privacy alert with this ID that your role may see.", "Check the ID.", "H68",
		"alert_not_found"),
	AlertClosed: fault.Row("This privacy alert was closed before.", "List the alerts to see by whom.", "H69",
		"alert_closed"),
}

// wordsElsewhere is the advice if there is no summary.
const wordsElsewhere = "Ask the patient, a carer or the general practice about allergies and medicines."

// Error is the error of a call: a kind for programs, texts for the user, details for support.
type Error struct {
	Kind           Kind
	Detail         string   // replaces the sentence of the table, if not ""
	Missing        []string // of NotAllowed: activity codes, if known
	Status         int      // HTTP status; 0 without an answer
	SpineCode      string   // of the OperationOutcome, or the reason of a refused sign-in
	RequestID      string
	Wait           time.Duration // of Busy and Failing: time until a retry makes sense, if the hub named one
	MayBeTold      bool          // of an opening: the national service may have notified the local authority
	OutcomeUnknown bool          // this opening, or one with the same RequestID, may have been recorded: retry with it
	Err            error

	byBrowser bool // of SignedOut: the session has no card
	view      bool // of a view of a summary, for the advice
}

// Error returns the sentence and the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the error that the kind stands for, such as [ErrSessionEnded], or an *Error of the same
// kind: errors.Is(err, &Error{Kind: TimedOut}).
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind || target == e.Kind.meaning()
}

// Sentence returns the message for the user.
func (e *Error) Sentence() string {
	if e.Detail != "" {
		return e.Detail
	}
	return table[e.Kind].Sentence
}

// Advice returns what the user can do next.
func (e *Error) Advice() string {
	advice := table[e.Kind].Advice
	if e.Kind == SignedOut && e.byBrowser {
		advice = signInAgain
	}
	if e.Wait > 0 {
		advice = fmt.Sprintf("Wait %s and try again.", waitWords(e.Wait))
	}
	switch {
	case e.MayBeTold && advice == tryAgain:
		return mayBeTold
	case e.MayBeTold:
		return mayBeToldFirst + advice
	case !e.OutcomeUnknown:
		return advice
	case e.view && (advice == tryAgain || e.Kind == Cancelled):
		return viewUnknown
	case e.view:
		return viewUnknownFirst + advice
	case advice == tryAgain, e.Kind == Cancelled:
		return outcomeUnknown
	}
	return outcomeUnknownFirst + advice
}

// Name returns the kind's name in documents for programs.
func (e *Error) Name() string { return e.Kind.String() }

// Class returns the class of the error, which decides the exit code.
func (e *Error) Class() fault.Class {
	switch e.Kind {
	case NotFound, Invalidated, AlertNotFound:
		return fault.NotFound
	case BadRequest, AlertClosed:
		return fault.Usage
	case SignedOut, NotAllowed, NonceExpired, SignInRefused, ClockWrong,
		CertificateUntrusted, CertificateExpired, CertificateRevoked, UnknownPerson,
		BrowserNotOffered, BrowserTooLate, ProviderRefused, ProviderWeak, ProviderInvalid:
		return fault.SignIn
	default:
		return fault.Hub
	}
}

// Code returns the support code: the code of the kind, the HTTP status and the Spine code.
func (e *Error) Code() string {
	code := table[e.Kind].Code
	if e.Status != 0 {
		code += fmt.Sprintf("-%d", e.Status)
	}
	if e.SpineCode != "" {
		code += "-" + e.SpineCode
	}
	return code
}

// KindOf returns the kind of the *Error in err's chain, or Unexpected if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Unexpected
}
