package client

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"wardlight/internal/text"
	"wardlight/rbac"
)

// Permission is why a person may view a Summary Care Record. The hub records it with the view. The zero value is none:
// it is asked each time.
type Permission string

// The permissions.
const (
	ByPatient   Permission = "patient"   // the patient, or who may decide for the patient, was asked and agreed
	InEmergency Permission = "emergency" // the patient could not be asked
	ByLaw       Permission = "legal"     // see LegalBasis
)

// Permissions returns the permissions.
func Permissions() []Permission { return []Permission{ByPatient, InEmergency, ByLaw} }

// LegalBasis is why the law allows a view without the patient's permission.
type LegalBasis string

// The legal bases (SCR-AlertReason).
const (
	PublicInterest LegalBasis = "public-interest"
	Statute        LegalBasis = "statute"
	CourtOrder     LegalBasis = "court-order"
)

// LegalBases returns the legal bases.
func LegalBases() []LegalBasis { return []LegalBasis{PublicInterest, Statute, CourtOrder} }

// MaxPermissionReason is the maximum length of a reason in characters.
const MaxPermissionReason = 200

// SummaryView is the justification of a view.
type SummaryView struct {
	Permission Permission
	Basis      LegalBasis // of ByLaw
	Reason     string     // in the person's words; required unless the patient agreed
}

// Action returns the action that the view needs. It is 0 without a permission, which is always refused.
func (v SummaryView) Action() rbac.Action {
	switch v.Permission {
	case ByPatient:
		return rbac.ReadSummary
	case InEmergency:
		return rbac.ReadSummaryInEmergency
	case ByLaw:
		return rbac.ReadSummaryByLaw
	}
	return 0
}

// Alerts reports whether the view makes a privacy alert, because the patient did not agree.
func (v SummaryView) Alerts() bool { return v.Permission != ByPatient }

// The sentences of SummaryView.Lacks.
const (
	wordsNoPermission = "Say why the summary may be viewed: the patient agreed, an emergency, or a law."
	wordsNoBasis      = "Say which law: public interest, statute or court order."
	wordsBasis        = "Only a view by law has a legal basis."
	wordsNoReason     = "Type the reason in words."
	wordsLongReason   = "The reason has more than 200 characters."
)

// Lacks returns a sentence about what the view lacks, or "".
func (v SummaryView) Lacks() string {
	reason := v.reason()
	law := v.Basis == PublicInterest || v.Basis == Statute || v.Basis == CourtOrder
	switch {
	case v.Action() == 0:
		return wordsNoPermission
	case v.Permission == ByLaw && !law:
		return wordsNoBasis
	case v.Permission != ByLaw && v.Basis != "":
		return wordsBasis
	case len([]rune(strings.TrimSpace(v.Reason))) > MaxPermissionReason:
		return wordsLongReason
	case v.Alerts() && !strings.ContainsFunc(reason, unicode.IsLetter):
		return wordsNoReason
	}
	return ""
}

// Key returns what distinguishes the view from others of the same patient.
func (v SummaryView) Key() string {
	return strings.Join([]string{string(v.Permission), string(v.Basis), v.reason()}, "\n")
}

// reason returns the reason, cleaned.
func (v SummaryView) reason() string { return strings.TrimSpace(text.Clean(v.Reason, 0)) }

// header returns the headers of the view.
func (v SummaryView) header() http.Header {
	h := http.Header{headerPermission: {string(v.Permission)}}
	if v.Basis != "" {
		h.Set(headerBasis, string(v.Basis))
	}
	if reason := v.reason(); reason != "" {
		h.Set(headerReason, url.PathEscape(reason))
	}
	return h
}
