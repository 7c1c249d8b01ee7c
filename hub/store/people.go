package store

import (
	"strings"

	"wardlight/internal/nhs"
)

// Patient is a patient's record with its search keys, both of which hub/trace derives from a FHIR Patient.
type Patient struct {
	Number       nhs.Number
	Body         []byte // the complete FHIR Patient
	Confidential bool   // restricted (R) or very restricted (V)
	Invalidated  bool
	SupersededBy nhs.Number // "" unless superseded
	Keys         Keys       // used by FindPatients and Candidates; not returned by reads
	Related      [][]byte   // the patient's FHIR RelatedPersons, in order; not returned by reads
}

// Keys are the details by which a patient is found. Texts are folded (hub/trace.Fold).
type Keys struct {
	Names  []NameKey
	Gender string // male, female, other, unknown or ""
	Born   nhs.Date
	Died   nhs.Date
	Marks  []Mark
	Near   []NearKey // without duplicates of Key
}

// NearKey is a key by which searches that allow for mistakes find a patient, together with the birth date: Key is of
// one name, and Ends are the ends of the names that go with it. hub/trace defines their contents.
type NearKey struct {
	Key  string
	Ends Ends
}

// Ends is a set of beginnings and endings of names. It is never negative.
type Ends int64

// NameKey is a name, with Given in order. Ends is the last day of its use, or zero. Spelt and Sounds are for searches
// that allow for mistakes; hub/trace defines their contents.
type NameKey struct {
	Family string
	Given  []string
	Ends   nhs.Date
	Spelt  string
	Sounds []Sound
}

// Sound are the sound codes of a family name and a given name; "" for a missing name.
type Sound struct{ Family, Given string }

// MarkKind is a kind of Mark.
type MarkKind string

// Kinds of Mark.
const (
	Postcode MarkKind = "postcode"
	Practice MarkKind = "practice"
	Email    MarkKind = "email"
	Phone    MarkKind = "phone"
)

// Mark is a postcode, practice, e-mail address or phone number of a patient. Ends is the last day of its use, or zero.
type Mark struct {
	Kind  MarkKind
	Value string
	Ends  nhs.Date
}

// Same reports whether both marks have the same kind and value.
func (m Mark) Same(o Mark) bool { return m.Kind == o.Kind && m.Value == o.Value }

// PatientQuery is a search for patients. Family and Born are required. Other zero fields don't restrict the result.
type PatientQuery struct {
	Family  Pattern
	Given   []Pattern // each must be among the given names; one with a wildcard must match the first given name
	Gender  string
	Born    Span
	Died    Span
	Marks   []MarkQuery
	History bool // includes former names and marks
	Today   nhs.Date
	Limit   int
}

// MarkQuery selects patients by a mark.
type MarkQuery struct {
	Kind  MarkKind
	Value Pattern
}

// Locates reports whether the mark reveals where somebody lives. Restricted patients must not be found by it (PDS FHIR
// R4 API).
func (m MarkQuery) Locates() bool { return m.Kind == Postcode || m.Kind == Practice }

// Block selects candidates of a wider search. Stores support these combinations of fields; the others must be empty.
//
//   - Days, Keys and Ends: people born on one of Days who have one of Keys and, with it, one of Ends. A partial date in
//     Days selects people with exactly that partial birth date. Without Ends, the key is enough.
//   - Born, Family and Given: people born in Born, or whose partial birth date may be in Born, with a name that has one
//     of the sounds Family and, with it, one of the sounds Given. Around restricts them to people born in its month of
//     the year, on its day of a month, or on the first of January, and to partial birth dates.
//   - FullName and Most: people who have or had exactly that family name with that first given name; at most Most of
//     them.
//   - Postcode: people who have or had it.
type Block struct {
	Days     []nhs.Date
	Keys     []string
	Ends     Ends
	Born     Span
	Around   nhs.Date
	Family   []string
	Given    []string
	FullName FullName
	Max      int
	Postcode string
}

// FullName is a family name with a first given name, both folded.
type FullName struct{ Family, First string }

// Candidate is a patient who may be the one searched for.
type Candidate struct {
	Number       nhs.Number
	Confidential bool
	Gender       string
	Born         nhs.Date // may be partial
	Died         nhs.Date // may be partial
	Names        []SpeltName
}

// SpeltName is a name in the encoding of NameKey.Spelt.
type SpeltName struct {
	Spelt string
	Ends  nhs.Date
}

// Span is a range of days, including both ends. A zero end is open.
type Span struct{ From, To nhs.Date }

// LooksUp reports whether an index finds the matches without reading much else: a family name without a wildcard, and
// one birth date. Any other query is a scan.
func (q PatientQuery) LooksUp() bool { return !q.Family.Wild() && q.Born.Days() == 1 }

// IsZero reports whether both ends are open.
func (s Span) IsZero() bool { return s == Span{} }

// Days returns the number of days in a closed span, or 0 for an open one.
func (s Span) Days() int {
	if s.From.IsZero() || s.To.IsZero() {
		return 0
	}
	return s.From.DaysUntil(s.To) + 1
}

// Pattern is folded text in which '*' matches any number of characters.
type Pattern string

// Wild reports whether the pattern has a wildcard.
func (p Pattern) Wild() bool { return strings.Contains(string(p), "*") }

// Prefix returns the text before the first wildcard.
func (p Pattern) Prefix() string {
	prefix, _, _ := strings.Cut(string(p), "*")
	return prefix
}

// Letters returns the pattern without its wildcards.
func (p Pattern) Letters() Pattern { return Pattern(strings.ReplaceAll(string(p), "*", "")) }

// Match reports whether text matches the pattern.
func (p Pattern) Match(text string) bool {
	parts := strings.Split(string(p), "*")
	if len(parts) == 1 {
		return text == parts[0]
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, last)
}
