package worklist

import (
	"slices"
	"strings"
	"unicode"

	"wardlight/client"
	"wardlight/internal/fault"
	"wardlight/internal/nhs"
)

// Comparison is how a detail of a line compares with the record of the line's NHS number.
type Comparison int

// The comparisons.
const (
	NotListed   Comparison = iota // the line does not have the detail
	Same                          // it fits the record
	NotCompared                   // the line has it, and it or the record's cannot be read
	Differs                       // the record has another: the number is somebody else's
)

// String returns the comparison as documents for programs have it: "not_compared".
func (c Comparison) String() string {
	switch c {
	case NotListed:
		return "not_listed"
	case Same:
		return "same"
	case Differs:
		return "differs"
	default:
		return "not_compared"
	}
}

// OtherPatientError is a line whose NHS number is another patient's by the record.
type OtherPatientError struct {
	OtherName, OtherBorn bool // what the record has otherwise: the family name, the birth date
}

// Error returns the user's sentence with the support code.
func (e *OtherPatientError) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Sentence says that the number is another patient's, and by what. It has nothing of the record.
func (e *OtherPatientError) Sentence() string {
	what := "another family name"
	switch {
	case e.OtherName && e.OtherBorn:
		what += " and another birth date"
	case e.OtherBorn:
		what = "another birth date"
	}
	return "This NHS number is another patient's: its record has " + what + "."
}

// Advice returns what the user can do now.
func (e *OtherPatientError) Advice() string {
	return "Search for the patient by name and birth date, and correct the list."
}

// Code returns what support asks for.
func (e *OtherPatientError) Code() string { return "W11" }

// Name returns the kind's name in documents for programs.
func (e *OtherPatientError) Name() string { return KindOtherPatient }

// Class returns that of what was given.
func (e *OtherPatientError) Class() fault.Class { return fault.Usage }

// KindOtherPatient is the Reason.Kind of an [OtherPatientError].
const KindOtherPatient = "other_patient"

// ResultOf returns what the hub's answers about the NHS number of a line say about the patient of the line. The
// record and the lamp were asked for at the same time. An answer about somebody else is none: the lamp could not be
// checked then, and its Err is an *OtherPatientError. today is for the birth date.
func ResultOf(p Patient, record client.Patient, recordErr error, lamp client.Lamp, today nhs.Date) Result {
	lamp.Number = p.Number // a lamp of the number that superseded it is the patient's
	if recordErr != nil {
		return resultWithoutRecord(p, recordErr, lamp)
	}
	if record.Number != p.Number && record.AskedFor != p.Number {
		return resultWithoutRecord(p, &client.Error{Kind: client.Rubbish, RequestID: lamp.RequestID}, lamp)
	}
	name, born := compareFamily(p, record), compareBorn(p, record, today)
	if other := p.Mismatch(record, today); other != nil {
		return Result{Lamp: couldNot(lamp, other), Name: name, Born: born}
	}
	r := Result{Lamp: lamp, Name: name, Born: born}
	if record.Number != p.Number {
		r.Current = record.Number
	}
	return r
}

// Mismatch returns what shows that the record of the line's NHS number is another patient's than the line's; nil where
// nothing does. today is for the birth date.
func (p Patient) Mismatch(record client.Patient, today nhs.Date) *OtherPatientError {
	name, born := compareFamily(p, record) == Differs, compareBorn(p, record, today) == Differs
	if !name && !born {
		return nil
	}
	return &OtherPatientError{OtherName: name, OtherBorn: born}
}

// resultWithoutRecord returns the result for a record that did not come. An alert stays an alert: only a record can
// show that it is another patient's. Nothing else is an answer.
func resultWithoutRecord(p Patient, recordErr error, lamp client.Lamp) Result {
	kind := client.KindOf(recordErr)
	nobody := kind == client.NotFound || kind == client.Invalidated
	switch {
	case lamp.State == client.Alert && nobody:
		lamp.RecordMissing = true
		return Result{Lamp: lamp, Name: notCompared(p.hasFamily()), Born: notCompared(p.Born != "")}
	case lamp.State == client.Alert:
		return Result{Lamp: lamp, Name: notCompared(p.hasFamily()), Born: notCompared(p.Born != ""), RecordErr: recordErr}
	case lamp.Err != nil && !nobody:
		return Result{Lamp: lamp}
	case lamp.Err != nil && client.KindOf(lamp.Err) != client.NotFound && client.KindOf(lamp.Err) != client.Invalidated:
		return Result{Lamp: lamp} // a plan can be on file under a number without a record
	}
	return Result{Lamp: couldNot(lamp, recordErr)}
}

func notCompared(listed bool) Comparison {
	if listed {
		return NotCompared
	}
	return NotListed
}

// couldNot returns a lamp that could not be checked.
func couldNot(lamp client.Lamp, err error) client.Lamp {
	return client.Lamp{Number: lamp.Number, State: client.CouldNotCheck, RequestID: lamp.RequestID, Err: err}
}

// compareBorn compares the birth date of the line, where it reads as a date, with the record's. A record with a part
// of the date fits every day of that part.
func compareBorn(p Patient, record client.Patient, today nhs.Date) Comparison {
	if p.Born == "" {
		return NotListed
	}
	listed, err := nhs.ParseTyped(p.Born, today)
	switch {
	case err != nil, record.Born.IsZero():
		return NotCompared
	case record.Born.Fits(listed, listed):
		return Same
	}
	return Differs
}

// hasFamily reports whether the line has a name with a family name in it.
func (p Patient) hasFamily() bool { return p.Family != "" || p.Name != "" && !p.NoFamily }

// comparable reports whether the line has something to compare with a record.
func (p Patient) comparable() bool { return p.hasFamily() || p.Born != "" }

// compareFamily compares the family name of the line with those of the record, the way lists write names: in any
// order, with or without capitals, accents, hyphens, initials and titles, and with one of several family names.
func compareFamily(p Patient, record client.Patient) Comparison {
	if !p.hasFamily() {
		return NotListed
	}
	name, whole := p.Name, true // whole: there is more in it than the family name
	if family := familyPart(p); family != "" {
		name, whole = family, false
	}
	listed, all := nameWords(name, titles), nameWords(name, nil)
	families := slices.DeleteFunc(append([]string{record.Family}, record.Families...), func(f string) bool { return len(nameWords(f, nil)) == 0 })
	if len(listed) == 0 && !recordHas(families, all) || len(families) == 0 || noNames[nhs.FoldName(name, "")] || !slices.ContainsFunc(all, isName) {
		return NotCompared
	}
	for _, f := range families {
		if family := nameWords(f, nil); sameFamily(listed, family, whole) || sameFamily(all, family, whole) { // some families are named as titles are
			return Same
		}
	}
	switch {
	case whole && areInitials(listed, record):
		return Same
	case whole && len(listed) > 0 && !slices.ContainsFunc(listed, func(w string) bool { return !isGiven(w, record) }):
		return NotCompared // given names alone
	}
	return Differs
}

// recordHas reports whether one of the words is one of the families.
func recordHas(families, words []string) bool {
	return slices.ContainsFunc(families, func(f string) bool { return containsJoined(words, nameWords(f, nil)) })
}

// isGiven reports whether the word is one of the record's given names.
func isGiven(word string, record client.Patient) bool {
	return slices.Contains(nameWords(strings.Join(record.Given, " "), nil), word)
}

// familyPart returns the family name of the line where the line shows which it is: a column of its own, or what
// precedes a comma.
func familyPart(p Patient) string {
	if p.Family != "" {
		return p.Family
	}
	before, after, comma := strings.Cut(p.Name, ",")
	if !comma || len(nameWords(after, titles)) == 0 { // what follows are titles
		return ""
	}
	return before
}

// titles are words beside a name that are no part of it, folded.
var titles = words("mr", "mrs", "ms", "miss", "mx", "master", "mstr", "dr", "prof", "professor", "rev", "revd", "reverend", "sir", "dame", "lord", "lady", "jr", "jnr",
	"junior", "sr", "snr", "baby", "boy", "girl", "infant", "twin", "triplet", "male", "female", "nee", "aka", "known", "as", "the")

// noNames are words that lists have where a name is not known, folded.
var noNames = words("unknown", "notknown", "nk", "na", "none", "nil", "tbc", "tba", "not", "patient", "anon", "anonymous", "unidentified", "unnamed")

// particles are the parts of family names that say nothing alone, folded.
var particles = words("de", "da", "do", "dos", "das", "du", "del", "della", "di", "la", "le", "el", "al", "van", "von", "der", "den", "ter", "ten", "bin", "bint", "ibn", "ben",
	"abu", "st", "o", "mac", "mc", "ap", "y", "e", "zu")

// nameWords returns the words of a name, folded, without those left out. Words with digits are no part of a name.
func nameWords(name string, without map[string]bool) []string {
	var all []string
	for _, w := range strings.FieldsFunc(name, betweenNames) {
		w = nhs.FoldName(w, "")
		if w != "" && !without[w] && !strings.ContainsFunc(w, unicode.IsDigit) {
			all = append(all, w)
		}
	}
	return all
}

// betweenNames reports whether r separates the words of a name. An apostrophe does not.
func betweenNames(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune(",;:./\\()[]+&_*\"", r)
}

func isName(word string) bool { return !noNames[word] }

// sameFamily reports whether the words listed, a family name or, where whole, a name with a family name in it, are of
// this family name.
func sameFamily(listed, family []string, whole bool) bool {
	if containsJoined(listed, family) {
		return true
	}
	if !whole && containsJoined(family, listed) { // one of several family names
		return slices.ContainsFunc(listed, func(w string) bool { return !particles[w] })
	}
	is := func(w string) bool {
		return slices.ContainsFunc(family, func(f string) bool { return !particles[f] && alike(w, f) })
	}
	if whole {
		return slices.ContainsFunc(listed, is)
	}
	// Every word that is more than an initial is of the family name; initials are where there is nothing else.
	long := slices.DeleteFunc(slices.Clone(listed), func(w string) bool { return len([]rune(w)) == 1 || particles[w] })
	if len(long) > 0 {
		return !slices.ContainsFunc(long, func(w string) bool { return !is(w) })
	}
	return slices.ContainsFunc(listed, func(w string) bool {
		return len([]rune(w)) == 1 && slices.ContainsFunc(family, func(f string) bool { return strings.HasPrefix(f, w) })
	})
}

// containsJoined reports whether some words of all that follow each other are part, however either is divided: "o
// brien" is "obrien".
func containsJoined(all, part []string) bool {
	want := strings.Join(part, "")
	for from := range all {
		joined := ""
		for _, w := range all[from:] {
			if joined += w; alike(joined, want) {
				return true
			}
		}
	}
	return false
}

// alike reports whether two folded words are one name, with umlauts written as two letters or as one.
func alike(a, b string) bool { return a == b || twoLetters.Replace(a) == twoLetters.Replace(b) }

var twoLetters = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// areInitials reports whether the words are nothing but initials, with the record's family name among them: "T. E."
// or "TE".
func areInitials(listed []string, record client.Patient) bool {
	joined := []rune(strings.Join(listed, ""))
	if len(joined) < 2 || len(joined) > 4 || len(listed) > 1 && len(joined) != len(listed) {
		return false
	}
	family, given := initials(record.Family), initials(strings.Join(record.Given, " "))
	if family == "" || given == "" {
		return false
	}
	first := []rune(given)[0]
	last := []rune(family)[0]
	return joined[0] == first && joined[len(joined)-1] == last || joined[0] == last && joined[1] == first
}

func initials(name string) string {
	var b strings.Builder
	for _, w := range nameWords(name, nil) {
		b.WriteRune([]rune(w)[0])
	}
	return b.String()
}
