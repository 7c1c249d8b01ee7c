package summary

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"wardlight/internal/text"
	"wardlight/rbac"
)

// Headers of a view. The NHS API has no place for the permission in a request; the hub records it with the answer.
const (
	HeaderPermission = "Wardlight-Permission"        // patient, emergency or legal
	HeaderReason     = "Wardlight-Permission-Reason" // percent-encoded text (RFC 3986), of UTF-8
	HeaderBasis      = "Wardlight-Permission-Basis"  // with legal: public-interest, statute or court-order
)

// Permission is why a person may view a summary.
type Permission string

// Permissions to view.
const (
	ByPatient   Permission = "patient"   // the patient, or who may decide for the patient, was asked and agreed
	InEmergency Permission = "emergency" // the patient could not be asked
	ByLaw       Permission = "legal"     // see Basis
)

// Basis is why the law allows a view without the patient's permission.
type Basis string

// Legal bases.
const (
	PublicInterest Basis = "public-interest"
	Statute        Basis = "statute"
	CourtOrder     Basis = "court-order"
)

// MaxReason is the maximum length of a reason in characters.
const MaxReason = 200

// View is a view of a summary, as its person justifies it.
type View struct {
	Permission Permission
	Basis      Basis  // of ByLaw
	Reason     string // in the person's words, cleaned; required unless the patient agreed
}

// ViewAsked parses the headers of a view. The error names the header that is missing or invalid. A reason has a letter.
func ViewAsked(h http.Header) (View, error) {
	for _, name := range []string{HeaderPermission, HeaderReason, HeaderBasis} {
		if len(h.Values(name)) > 1 {
			return View{}, errors.New("more than one header '" + name + "'")
		}
	}

	v := View{Permission: Permission(h.Get(HeaderPermission)), Basis: Basis(h.Get(HeaderBasis))}
	switch v.Permission {
	case "":
		return v, errors.New("the header '" + HeaderPermission + "' is missing")
	case ByPatient, InEmergency, ByLaw:
	default:
		return v, errors.New("the header '" + HeaderPermission + "' is none of patient, emergency, legal")
	}

	switch {
	case v.Permission == ByLaw && v.Basis != PublicInterest && v.Basis != Statute && v.Basis != CourtOrder:
		return v, errors.New("the header '" + HeaderBasis + "' is none of public-interest, statute, court-order")
	case v.Permission != ByLaw && v.Basis != "":
		return v, errors.New("the header '" + HeaderBasis + "' is only for a legal permission")
	}

	given, err := url.PathUnescape(h.Get(HeaderReason))
	v.Reason = strings.TrimSpace(text.Clean(given, MaxReason+1))
	switch {
	case err != nil:
		return v, errors.New("the header '" + HeaderReason + "' is not percent-encoded")
	case len([]rune(strings.TrimSpace(given))) > MaxReason:
		return v, errors.New("the header '" + HeaderReason + "' has more than 200 characters")
	case v.Permission != ByPatient && !strings.ContainsFunc(v.Reason, unicode.IsLetter):
		return v, errors.New("the header '" + HeaderReason + "' has no reason, and the patient did not agree")
	}
	return v, nil
}

// Action returns the action that the view needs.
func (v View) Action() rbac.Action {
	switch v.Permission {
	case InEmergency:
		return rbac.ReadSummaryInEmergency
	case ByLaw:
		return rbac.ReadSummaryByLaw
	default:
		return rbac.ReadSummary
	}
}

// Recorded returns what the audit says about the view of the summary with that ID: the permission, its basis, and the
// person's words.
func (v View) Recorded(id string) string {
	s := "summary " + id + ", permission " + string(v.Permission)
	if v.Basis != "" {
		s += " (" + string(v.Basis) + ")"
	}
	if v.Reason != "" {
		s += ": " + v.Reason
	}
	return s
}

// Key returns what distinguishes this view from another one, for the comparison of repeated requests.
func (v View) Key() string {
	return strings.Join([]string{string(v.Permission), string(v.Basis), v.Reason}, "\n")
}

// Cause returns the type and the reason of the privacy alert about the view, or false if there is none because the
// patient agreed.
func (v View) Cause() (Cause, bool) {
	switch v.Permission {
	case InEmergency:
		return Cause{AccessAlert, Emergency}, true
	case ByLaw:
		return Cause{AccessAlert, map[Basis]Reason{
			PublicInterest: PublicInterestReason, Statute: StatuteReason, CourtOrder: CourtOrderReason,
		}[cmp.Or(v.Basis, Statute)]}, true
	default:
		return Cause{}, false
	}
}
