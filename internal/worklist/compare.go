package worklist

import (
	"slices"
	"strings"
	"unicode"

	"wardlight/client"
	"wardlight/internal/fault"
	"wardlight/internal/nhs"
)

// Comparison is the result of comparing a detail of a row with the record of its NHS number.
type Comparison int

// The comparisons.
const (
	NotListed   Comparison = iota // the row does not have the detail
	Same                          // it matches the record
	NotCompared                   // the row's or the record's detail can't be read
	Differs                       // it does not match: the NHS number is another patient's
)

// String returns the name used in JSON output, such as "not_compared".
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

// OtherPatientError reports that the record of a row's NHS number is another patient's.
type OtherPatientError struct {
	OtherName, OtherBorn bool // which details differ: the family name, the birth date
}

// Error returns the sentence and the support code.
func (e *OtherPatientError) Error() string { return e.Sentence() + " (" + e.Code() + ")" }

// Sentence returns which details differ. It contains no details of the record.
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

// Advice returns what the user can do.
func (e *OtherPatientError) Advice() string {
	return "Search for the patient by name and birth date, and correct the list."
}

// Code returns the support code.
func (e *OtherPatientError) Code() string { return "W11" }

// Name returns the name of the kind in JSON output.
func (e *OtherPatientError) Name() string { return KindOtherPatient }

// Class returns fault.Usage.
func (e *OtherPatientError) Class() fault.Class { return fault.Usage }

// KindOtherPatient is the Reason.Kind of an [OtherPatientError].
const KindOtherPatient = "other_patient"

// ResultOf combines the hub's answers about the NHS number of row p: the record, or recordErr, and the lamp, which
// were requested at the same time. If the record is another patient's, the lamp becomes could not check with an
// *[OtherPatientError]. today is used to read the row's birth date.
func ResultOf(p Patient, record client.Patient, recordErr error, lamp client.Lamp, today nhs.Date) Result {
	lamp.Number = p.Number // the hub answers with the current number if this one was superseded
	if recordErr != nil {
		return resultWithoutRecord(p, recordErr, lamp)
	}
	if record.Number != p.Number && record.AskedFor != p.Number {
		return resultWithoutRecord(p, &client.Error{Kind: client.Malformed, RequestID: lamp.RequestID}, lamp)
	}
	name, born := compareFamily(p, record), compareBorn(p, record, today)
	if other := p.Mismatch(record, today); other != nil {
		return Result{Lamp: couldNotCheck(lamp, other), Name: name, Born: born}
	}
	r := Result{Lamp: lamp, Name: name, Born: born}
	if record.Number != p.Number {
		r.Current = record.Number
	}
	return r
}

// Mismatch returns an error if the record of the row's NHS number is another patient's, and nil otherwise. today is
// used to read the row's birth date.
func (p Patient) Mismatch(record client.Patient, today nhs.Date) *OtherPatientError {
	name, born := compareFamily(p, record) == Differs, compareBorn(p, record, today) == Differs
	if !name && !born {
		return nil
	}
	return &OtherPatientError{OtherName: name, OtherBorn: born}
}

// resultWithoutRecord returns the result if the record could not be read. An alert is still shown, because only a
// record could show that it is another patient's. Any other lamp becomes could not check.
func resultWithoutRecord(p Patient, recordErr error, lamp client.Lamp) Result {
	kind := client.KindOf(recordErr)
	nobody := kind == client.NotFound || kind == client.Invalidated
	switch {
	case lamp.State == client.Alert && nobody:
		lamp.RecordMissing = true
		return Result{Lamp: lamp, Name: notCompared(p.hasFamily()), Born: notCompared(p.Born != "")}
	case lamp.State == client.Alert:
		return Result{
			Lamp: lamp, Name: notCompared(p.hasFamily()), Born: notCompared(p.Born != ""),
			RecordErr: recordErr,
		}
	case lamp.Err != nil && !nobody:
		return Result{Lamp: lamp}
	case lamp.Err != nil && client.KindOf(lamp.Err) != client.NotFound && client.KindOf(lamp.Err) != client.Invalidated:
		return Result{Lamp: lamp} // keep the lamp's error: a plan can exist for a number without a record
	}
	return Result{Lamp: couldNotCheck(lamp, recordErr)}
}

func notCompared(listed bool) Comparison {
	if listed {
		return NotCompared
	}
	return NotListed
}

// couldNotCheck returns lamp as could not check, because of err.
func couldNotCheck(lamp client.Lamp, err error) client.Lamp {
	return client.Lamp{Number: lamp.Number, State: client.CouldNotCheck, RequestID: lamp.RequestID, Err: err}
}

// compareBorn compares the birth date of the row, if it can be read, with the record's. If the record has only a year
// or a month, every day in it matches.
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

// hasFamily reports whether the row has a name that includes a family name.
func (p Patient) hasFamily() bool { return p.Family != "" || p.Name != "" && !p.NoFamily }

// comparable reports whether the row has anything to compare with a record.
func (p Patient) comparable() bool { return p.hasFamily() || p.Born != "" }

// compareFamily compares the family name of the row with those of the record. Word order, capitals, accents, hyphens,
// initials and titles are ignored, and one of several family names is enough.
func compareFamily(p Patient, record client.Patient) Comparison {
	if !p.hasFamily() {
		return NotListed
	}

	name, whole := p.Name, true // whole: name may contain given names and titles too
	if family := familyPart(p); family != "" {
		name, whole = family, false
	}

	listed, all := nameWords(name, titles), nameWords(name, nil)
	families := slices.DeleteFunc(append([]string{record.Family}, record.Families...), func(f string) bool {
		return len(nameWords(f, nil)) == 0
	})
	if len(listed) == 0 && !recordHas(families, all) || len(families) == 0 || noNames[nhs.FoldName(name, "")] ||
		!slices.ContainsFunc(all, isName) {
		return NotCompared
	}

	for _, f := range families {
		// all: some family names look like titles
		if family := nameWords(f, nil); sameFamily(listed, family, whole) || sameFamily(all, family, whole) {
			return Same
		}
	}

	switch {
	case whole && areInitials(listed, record):
		return Same
	case whole && len(listed) > 0 && !slices.ContainsFunc(listed, func(w string) bool { return !isGiven(w, record) }):
		return NotCompared // only given names
	}

	return Differs
}

// recordHas reports whether words contain one of families.
func recordHas(families, words []string) bool {
	return slices.ContainsFunc(families, func(f string) bool { return containsJoined(words, nameWords(f, nil)) })
}

// isGiven reports whether word is one of the record's given names.
func isGiven(word string, record client.Patient) bool {
	return slices.Contains(nameWords(strings.Join(record.Given, " "), nil), word)
}

// familyPart returns the family name of the row if it is known which part that is: the family name column, or the text
// before a comma. Otherwise it returns "".
func familyPart(p Patient) string {
	if p.Family != "" {
		return p.Family
	}
	before, after, comma := strings.Cut(p.Name, ",")
	if !comma || len(nameWords(after, titles)) == 0 { // only titles after the comma
		return ""
	}
	return before
}

// titles are words beside a name that are not part of it, folded by nhs.FoldName.
var titles = words("mr", "mrs", "ms", "miss", "mx", "master", "mstr", "dr", "prof", "professor", "rev", "revd",
	"reverend", "sir", "dame", "lord", "lady", "jr", "jnr",
	"junior", "sr", "snr", "baby", "boy", "girl", "infant", "twin", "triplet", "male", "female", "nee", "aka", "known",
	"as", "the")

// noNames are words written in lists when a name is not known, folded.
var noNames = words("unknown", "notknown", "nk", "na", "none", "nil", "tbc", "tba", "not", "patient", "anon",
	"anonymous", "unidentified", "unnamed")

// particles are parts of family names that are not enough for a match, folded.
var particles = words("de", "da", "do", "dos", "das", "du", "del", "della", "di", "la", "le", "el", "al", "van", "von",
	"der", "den", "ter", "ten", "bin", "bint", "ibn", "ben",
	"abu", "st", "o", "mac", "mc", "ap", "y", "e", "zu")

// nameWords returns the folded words of a name except those in without. Words with digits are dropped.
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

// sameFamily reports whether listed matches family. listed is the words of a family name or, if whole is set, of a
// full name.
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

	// All words longer than an initial must be part of the family name. If there are only initials, one must match.
	long := slices.DeleteFunc(slices.Clone(listed), func(w string) bool { return len([]rune(w)) == 1 || particles[w] })
	if len(long) > 0 {
		return !slices.ContainsFunc(long, func(w string) bool { return !is(w) })
	}

	return slices.ContainsFunc(listed, func(w string) bool {
		return len([]rune(w)) == 1 && slices.ContainsFunc(family, func(f string) bool {
			return strings.HasPrefix(f, w)
		})
	})
}

// containsJoined reports whether consecutive words of all, joined, equal part, joined: "o brien" matches "obrien".
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

// alike reports whether two folded words are equal, with umlauts written as one letter or as two.
func alike(a, b string) bool { return a == b || twoLetters.Replace(a) == twoLetters.Replace(b) }

var twoLetters = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// areInitials reports whether listed consists of the patient's initials only, including that of the family name: "T.
// E." or "TE".
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
