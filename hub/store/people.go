package store

import (
	"strings"

	"wardlight/internal/nhs"
)

// Patient is a record with the keys it is found by. hub/trace derives both from a FHIR Patient.
type Patient struct {
	Number       nhs.Number
	Body         []byte // the FHIR Patient in full, unreduced
	Confidential bool   // restricted (R) or very restricted (V)
	Invalidated  bool
	SupersededBy nhs.Number // "" when not
	Keys         Keys       // what FindPatients and Candidates look at; not given back
	Related      [][]byte   // the FHIR RelatedPersons of the patient, in order; not given back
}

// Keys is what a patient is found by. Text is folded (hub/trace.Fold).
type Keys struct {
	Names  []NameKey
	Gender string // male female other unknown, ""
	Born   nhs.Date
	Died   nhs.Date
	Marks  []Mark
	Near   []NearKey // each Key once
}

// NearKey is what searches that allow for mistakes find a patient by, together with the birth date: Key is of one
// name, and Ends are the ends of the names that go with it. What is in them is hub/trace's own.
type NearKey struct {
	Key  string
	Ends Ends
}

// Ends is a set of beginnings and endings of names, none of which is negative.
type Ends int64

// NameKey is one name: Given in order. Ends is the last day it was in use, zero while it is. Spelt and Sounds are for
// searches that allow for mistakes; what is in them is hub/trace's own.
type NameKey struct {
	Family string
	Given  []string
	Ends   nhs.Date
	Spelt  string
	Sounds []Sound
}

// Sound is how a family name and a given name sound, as a code; "" where there is no such name.
type Sound struct{ Family, Given string }

// MarkKind is a kind of Mark.
type MarkKind string

// The kinds of Mark.
const (
	Postcode MarkKind = "postcode"
	Practice MarkKind = "practice"
	Email    MarkKind = "email"
	Phone    MarkKind = "phone"
)

// Mark is a postcode, practice, e-mail address or phone number that a patient has, or had until Ends (zero: has).
type Mark struct {
	Kind  MarkKind
	Value string
	Ends  nhs.Date
}

// Same reports whether both are one mark, of whatever time.
func (m Mark) Same(o Mark) bool { return m.Kind == o.Kind && m.Value == o.Value }

// PatientQuery asks for patients. Family and Born are required; what is zero is not asked for.
type PatientQuery struct {
	Family  Pattern
	Given   []Pattern // each one of the given names; with a wildcard, the first given name
	Gender  string
	Born    Span
	Died    Span
	Marks   []MarkQuery
	History bool // also names and marks no longer in use
	Today   nhs.Date
	Limit   int
}

// MarkQuery asks for a mark.
type MarkQuery struct {
	Kind  MarkKind
	Value Pattern
}

// Locates reports whether the mark would tell where somebody lives: nobody restricted is found by it (PDS FHIR R4 API).
func (m MarkQuery) Locates() bool { return m.Kind == Postcode || m.Kind == Practice }

// Block takes in people who may be meant. A store serves these kinds; what is empty is not asked for.
//
//   - Days, Keys and Ends: those born on one of Days who have one of Keys, and with it one of Ends. A partial day takes in those of
//     whose birth date no more is known. Without Ends, the key alone counts.
//   - Born, Family and Given: those born in Born, or whose birth date is known in part and may lie in Born, of whom one name has one of
//     the sounds Family and, with it, one of the sounds Given. With Around, only those of them who were born in its month of the year or on
//     its day of a month, or on the first of January, or whose birth date is known in part.
//   - FullName and Most: those who have or had that family name with that first given name, to the letter; of more than Most any Most.
//   - Postcode: those who have or had it.
type Block struct {
	Days     []nhs.Date
	Keys     []string
	Ends     Ends
	Born     Span
	Around   nhs.Date
	Family   []string
	Given    []string
	FullName FullName
	Most     int
	Postcode string
}

// FullName is a family name and the first given name, folded.
type FullName struct{ Family, First string }

// Candidate is somebody who may be meant.
type Candidate struct {
	Number       nhs.Number
	Confidential bool
	Gender       string
	Born         nhs.Date // as far as it is known
	Died         nhs.Date // the same
	Names        []SpeltName
}

// SpeltName is a name as hub/trace wrote it into NameKey.Spelt.
type SpeltName struct {
	Spelt string
	Ends  nhs.Date
}

// Span is from one day to another, both included; a zero end is open.
type Span struct{ From, To nhs.Date }

// LooksUp reports whether an index leads to the matches and little else: a family name without a wildcard, and one
// birth date. Any other query is a scan.
func (q PatientQuery) LooksUp() bool { return !q.Family.Wild() && q.Born.Days() == 1 }

// IsZero reports whether nothing is asked.
func (s Span) IsZero() bool { return s == Span{} }

// Days returns how many days a closed span holds; 0 for an open one.
func (s Span) Days() int {
	if s.From.IsZero() || s.To.IsZero() {
		return 0
	}
	return s.From.DaysUntil(s.To) + 1
}

// Pattern is folded text in which '*' stands for any run of characters.
type Pattern string

// Wild reports whether the pattern has a wildcard.
func (p Pattern) Wild() bool { return strings.Contains(string(p), "*") }

// Prefix returns what stands before the first wildcard.
func (p Pattern) Prefix() string {
	prefix, _, _ := strings.Cut(string(p), "*")
	return prefix
}

// Letters returns the pattern without its wildcards.
func (p Pattern) Letters() Pattern { return Pattern(strings.ReplaceAll(string(p), "*", "")) }

// Match reports whether text fits the pattern.
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
