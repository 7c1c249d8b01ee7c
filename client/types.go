// Package client calls the hub: sign-in, trace, lamp and opening, with typed answers and typed errors.
//
// All texts that it returns were cleaned of control characters, escape sequences and invisible characters
// (internal/text), so that callers may display them. It makes no requests of its own accord, and never repeats a
// request that could notify twice.
package client

import (
	"errors"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Person is the person who signed in, as known to the hub.
type Person struct {
	UUID string // 12 digits, printed on the card
	Name string // "SAMPLE, Ada (Ms)"
}

// Found is the result of a search.
type Found struct {
	Rows    []Patient
	TooMany bool // more than the hub lists; Rows is empty
}

// Patient is one patient. A search row has fewer fields than the record: call Retrieve before relying on it.
type Patient struct {
	Number     nhs.Number
	AskedFor   nhs.Number // the requested number, if it was superseded by Number
	Family     string     // "" when not known
	Given      []string
	Title      string
	Families   []string // of a record: other current and former family names, for comparison with a list only
	Born       nhs.Date // may be partial or zero
	Gender     nhs.Gender
	Died       nhs.Date // zero for the living
	Restricted bool     // address, phone and practice are withheld
	Address    []string // parts without blanks, the postcode last
	Postcode   string   // ""
	Phone      string
	Other      Other // of a search row: the field that differs from the query; "" for none
}

// Other is the field of a likely match in a wider search that differs from the query, while the others match.
type Other string

// Values of Other.
const (
	OtherFamily  Other = fhir.OtherFamily
	OtherGiven   Other = fhir.OtherGiven
	OtherBirth   Other = fhir.OtherBirthDate
	OtherUnknown Other = "unknown" // a field that this version does not know; shown nevertheless
)

// Words returns what matches and what does not, or "" for the zero value.
func (o Other) Words() string {
	switch o {
	case "":
		return ""
	case OtherFamily:
		return "same first name and birth date, other family name"
	case OtherGiven:
		return "same family name and birth date, other first name"
	case OtherBirth:
		return "same names, other birth date"
	default:
		return "not all details are as asked for"
	}
}

// Caution returns a warning about a search row that matches the query less than it seems: one field differs, or only a
// part of the birth date is on record. It returns "" for any other row.
func (p Patient) Caution() string {
	switch {
	case p.Other != "":
		return "Only likely: " + p.Other.Words() + "."
	case p.Born.IsZero() || p.Born.Complete():
		return ""
	case p.Born.Month == 0:
		return "The record has only the year of birth."
	default:
		return "The record has only the month and year of birth."
	}
}

// DisplayName returns the name in the format of the NHS Common User Interface: "FAMILY, Given (Title)".
func (p Patient) DisplayName() string { return nhs.DisplayName(p.Family, p.Given, p.Title) }

// State is the state of a patient's alert. A failed check has its own state, so that it is not mistaken for "none
// recorded".
type State int

// States. The zero State is NotChecked.
const (
	NotChecked State = iota
	CouldNotCheck
	NoneRecorded
	Alert
)

// String returns the state in the words used on every screen, printout and document.
func (s State) String() string {
	switch s {
	case CouldNotCheck:
		return "could not check"
	case NoneRecorded:
		return "none recorded"
	case Alert:
		return "ALERT"
	default:
		return "not checked"
	}
}

// Lamp states whether there is an alert, without its contents. Requesting it notifies nobody.
type Lamp struct {
	Number    nhs.Number
	State     State
	AsOf      time.Time // time of the answer at the hub; zero unless State is NoneRecorded or Alert
	RequestID string    // of the request, for support
	Err       error     // of CouldNotCheck, and of NotChecked after a request: an *Error with the reason
	// RecordMissing is set if there is an alert, but no current patient record has the number: see
	// [WordsRecordMissing].
	RecordMissing bool
	// Flags are the lamps of the other flags that the role may see, in the order in which they are shown. A flag of
	// which nothing is presented, such as FGM without an entry, has none.
	Flags []FlagLamp
}

// FlagKind is a kind of flag other than child protection.
type FlagKind string

// Kinds of flags. The values are the codes of England-FlagCategoryPatient.
const (
	ReasonableAdjustments FlagKind = "national-reasonable-adjustment-flag"
	FGM                   FlagKind = "female-genital-mutilation-flag"
)

// FlagLamp states whether there is a flag of a kind. Requesting it notifies nobody.
type FlagLamp struct {
	Kind    FlagKind
	State   State
	AsOf    time.Time // time of the answer at the hub; zero unless State is NoneRecorded or Alert
	Reason  string    // of NotChecked: why, as a sentence
	Err     error     // of CouldNotCheck: an *Error with the reason
	Details []string  // what the role may see of the flag, a line each; nil without the code for details
}

// Answered reports whether the hub has answered: the state is Alert or NoneRecorded.
func (l Lamp) Answered() bool { return l.State == Alert || l.State == NoneRecorded }

// OpeningAsks reports whether the alert is not checked because only an opening asks the national service.
func (l Lamp) OpeningAsks() bool { return l.State == NotChecked && KindOf(l.Err) == OpeningAsks }

// Supersedes reports whether l may replace known, an earlier lamp of the same patient. A failure never replaces an
// alert. An answer never replaces a newer one. Of two answers of the same time, the alert is preferred.
func (l Lamp) Supersedes(known Lamp) bool {
	switch {
	case !known.Answered():
		return true
	case !l.Answered():
		return known.State != Alert
	case l.AsOf.Equal(known.AsOf):
		return l.State == Alert || known.State != Alert
	default:
		return l.AsOf.After(known.AsOf)
	}
}

// WordsRecordMissing is shown if a plan is on file under a number that no current patient record has.
const WordsRecordMissing = "The patient's record is missing: no current record has this NHS number. Make sure who " +
	"this is."

// The words of [WordsUnchecked].
const (
	wordsNotKnown         = "Whether there is an alert is not known."
	wordsRestricted       = "Restricted: whether there is an alert is shown to nobody here."
	wordsRestrictedAdvice = "This is not a fault. There may be a plan all the same."
)

// WordsUnchecked returns the sentences for an alert that could not be checked, by the kind of its error. what is shown
// before the site's procedure. meaning is "" unless the record is restricted: that is no failure, and no error follows.
func WordsUnchecked(k Kind) (what, meaning string) {
	if k == Sensitive {
		return wordsRestricted, wordsRestrictedAdvice
	}
	return wordsNotKnown, ""
}

// WordsNoneRecorded is shown with "none recorded" everywhere.
const WordsNoneRecorded = "This does not prove that there is no plan: it leaves out Scotland, Wales, Northern " +
	"Ireland, private placements, sensitive records and plans not yet sent."

// PlanKind is a kind of plan.
type PlanKind string

// Kinds of plan in CP-IS.
const (
	ChildProtection PlanKind = "CPP"
	LookedAfter     PlanKind = "LAC"
	UnbornChild     PlanKind = "UCPP"
	OtherPlan       PlanKind = "PLAN" // a kind that this version does not know; shown nevertheless
)

// Words returns the kind in words, such as "Child Protection Plan".
func (k PlanKind) Words() string {
	switch k {
	case ChildProtection:
		return "Child Protection Plan"
	case LookedAfter:
		return "Looked After Child"
	case UnbornChild:
		return "Unborn Child Protection Plan"
	default:
		return "Plan of another kind"
	}
}

// Plan is one plan and the authority responsible for it.
type Plan struct {
	Kind           PlanKind
	Start, End     nhs.Date // End is zero while the plan has no end
	Authority      string   // "V999 - EXAMPLESHIRE COUNCIL"
	OfficePhone    string   // "" when not known
	EmergencyPhone string   // emergency duty team
}

// Ended reports whether the plan had ended before the day.
func (p Plan) Ended(on nhs.Date) bool { return !p.End.IsZero() && p.End.Before(on) }

// Access is one access to a child's alert from unscheduled care.
type Access struct {
	When         time.Time
	Who          string // "Ms Ada Sample"
	JobRole      string
	Organisation string
}

// Opened is an opened alert: the plans, newest first, and at most 25 accesses, newest first, including this one if it
// was recorded.
type Opened struct {
	Number    nhs.Number
	Plans     []Plan // may be empty if the plan ended between lamp and opening
	Accesses  []Access
	AsOf      time.Time
	RequestID string
	// RecordMissing is set if no current patient record has the number: see [WordsRecordMissing].
	RecordMissing bool

	Notifies bool  // the opening was recorded and the local authority will be notified; false in scheduled care
	ListErr  error // an *Error if reading the access history failed, also if it isn't offered: see HistoryNotOffered

	historyIncluded bool // the answer includes the access history
}

// HistoryNotOffered reports whether the source of the hub's alerts has no access history. That is no failure: see
// [WordsHistoryNotOffered].
func (o Opened) HistoryNotOffered() bool { return KindOf(o.ListErr) == NotOffered }

// WordsHistoryNotOffered is shown in place of the access history if it isn't offered.
const WordsHistoryNotOffered = "The list of who has looked is not offered by this service. The plans are complete."

// Lamp returns whether there is an alert by the answer to the opening. Where only an opening asks, there is no other
// lamp.
func (o Opened) Lamp() Lamp {
	l := Lamp{
		Number: o.Number, State: NoneRecorded, AsOf: o.AsOf, RequestID: o.RequestID, RecordMissing: o.RecordMissing,
	}
	if len(o.Plans) > 0 {
		l.State = Alert
	}
	return l
}

// UnopenedLamp returns the lamp after an opening that failed with err, where only an opening asks.
func UnopenedLamp(n nhs.Number, err error) Lamp {
	l := Lamp{Number: n, State: CouldNotCheck, Err: err}
	var failed *Error
	if errors.As(err, &failed) {
		l.RequestID = failed.RequestID
	}
	return l
}
