// Package client calls the hub: sign-in, trace, lamp and opening, with typed answers and typed errors.
//
// Everything that it returns has been cleaned of control characters, escape sequences and invisible text
// (internal/text), so that callers may show it. It sends nothing that was not asked for, and retries nothing that
// could notify twice.
package client

import (
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Person is who signed in, as the hub knows them.
type Person struct {
	UUID string // 12 digits, printed on the card
	Name string // "SAMPLE, Ada (Ms)"
}

// Found is the answer to a search: rows in the hub's order, without scores.
type Found struct {
	Rows    []Patient
	TooMany bool // more than the hub will list; Rows is empty
}

// Patient is one patient. A search row carries fewer fields than the record: retrieve before relying on it.
type Patient struct {
	Number     nhs.Number
	AskedFor   nhs.Number // set when the number asked for was superseded by Number
	Family     string     // "" when not known
	Given      []string
	Title      string
	Families   []string // of a record: further family names, in use and former ones. For comparison with a list, not to be shown
	Born       nhs.Date // may be partial or zero
	Gender     nhs.Gender
	Died       nhs.Date // zero for the living
	Restricted bool     // address, phone and practice are withheld
	Address    []string // parts without blanks, the postcode last
	Postcode   string   // ""
	Phone      string
	Other      Other // of a search row: the detail that is quite another than was asked for; "" for none
}

// Other is the detail of a row of a wider search that is quite another than was asked for, while the others fit: the
// row is only likely.
type Other string

// The details.
const (
	OtherFamily  Other = fhir.OtherFamily
	OtherGiven   Other = fhir.OtherGiven
	OtherBirth   Other = fhir.OtherBirthDate
	OtherUnknown Other = "unknown" // a detail that this version does not know: said, never hidden
)

// Words returns what fits and what does not; "" for the zero value.
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

// Caution returns a sentence about a search row that fits what was asked for less than it seems to: one detail is
// quite another, or only a part of the birth date is on record. It returns "" for any other row.
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

// DisplayName returns the name as the NHS Common User Interface has it: "FAMILY, Given (Title)".
func (p Patient) DisplayName() string { return nhs.DisplayName(p.Family, p.Given, p.Title) }

// State is what is known of a patient's alert. There are four, never three: a failure is not an absence.
type State int

// The four states. The zero State is NotChecked.
const (
	NotChecked State = iota
	CouldNotCheck
	NoneRecorded
	Alert
)

// String returns the state in the words that every screen, print and document uses.
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

// Lamp says whether there is an alert, and nothing of it. Asking notifies nobody.
type Lamp struct {
	Number    nhs.Number
	State     State
	AsOf      time.Time // the hub's time of the answer; zero unless State is NoneRecorded or Alert
	RequestID string    // of the asking, for support
	Err       error     // of CouldNotCheck: an *Error that says why
	// RecordMissing is set where there is an alert and no current patient record has the number: see [WordsRecordMissing].
	RecordMissing bool
}

// Answered reports whether the hub has answered: there is an alert, or none is recorded.
func (l Lamp) Answered() bool { return l.State == Alert || l.State == NoneRecorded }

// Replaces reports whether the lamp may take the place of one about the same patient that is known already. A failure
// never takes the place of an alert, and no answer that of a newer one; of two of the same time the alert holds.
func (l Lamp) Replaces(known Lamp) bool {
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

// WordsRecordMissing is what to say where a plan is on file under a number that no current patient record has.
const WordsRecordMissing = "The patient's record is missing: no current record has this NHS number. Make sure who this is."

// The words of [WordsUnchecked].
const (
	wordsNotKnown         = "Whether there is an alert is not known."
	wordsRestricted       = "Restricted: whether there is an alert is shown to nobody here."
	wordsRestrictedAdvice = "This is not a fault. There may be a plan all the same."
)

// WordsUnchecked returns what to say where an alert could not be checked, by the kind of its error, before the site's
// procedure: what is so, and what that means. Only a restricted record has a meaning of its own; it is no failure, and
// nothing else is said of it. For any other kind the meaning is "", and the error's own words follow.
func WordsUnchecked(k Kind) (what, meaning string) {
	if k == Sensitive {
		return wordsRestricted, wordsRestrictedAdvice
	}
	return wordsNotKnown, ""
}

// WordsNoneRecorded is what to say beside none recorded, wherever that is said.
const WordsNoneRecorded = "This does not prove that there is no plan: it leaves out Scotland, Wales, Northern Ireland, private placements, sensitive records and plans not yet sent."

// PlanKind is a kind of plan.
type PlanKind string

// The kinds of plan on CP-IS.
const (
	ChildProtection PlanKind = "CPP"
	LookedAfter     PlanKind = "LAC"
	UnbornChild     PlanKind = "UCPP"
	OtherPlan       PlanKind = "PLAN" // a kind that this version does not know: shown, never hidden
)

// Words returns the kind in words: "Child Protection Plan".
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

// Plan is one plan with the authority that is responsible for it.
type Plan struct {
	Kind           PlanKind
	Start, End     nhs.Date // End is zero while the plan runs
	Authority      string   // "V999 - EXAMPLESHIRE COUNCIL"
	OfficePhone    string   // "" when not given
	EmergencyPhone string   // emergency duty team
}

// Ended reports whether the plan had ended on the day.
func (p Plan) Ended(on nhs.Date) bool { return !p.End.IsZero() && p.End.Before(on) }

// Access is one look at a child's alert from unscheduled care.
type Access struct {
	When         time.Time
	Who          string // "Ms Ada Sample"
	JobRole      string
	Organisation string
}

// Opened is an opened alert: the plans, newest first, and the latest accesses (25 at most, newest first, this one
// included when it was recorded).
type Opened struct {
	Number    nhs.Number
	Plans     []Plan // may be empty: the plan may have lapsed between lamp and opening
	Accesses  []Access
	AsOf      time.Time
	RequestID string
	// RecordMissing is set where no current patient record has the number: see [WordsRecordMissing].
	RecordMissing bool

	Notifies bool  // the opening was recorded, and the local authority will be notified; false in scheduled care
	ListErr  error // the plans came and the list of accesses did not: an *Error that says why
}
