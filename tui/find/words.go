package find

import (
	"fmt"
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// Keys.
const (
	wordLeaveField   = "leave the field"
	wordSearch       = "search"
	wordStop         = "stop searching"
	wordChangeRole   = "change role"
	wordThisPatient  = "this patient"
	wordBackToSearch = "change the search"
)

// Titles.
const (
	titleFind = "Find a patient"
)

// Search and results.
const (
	wordOr           = "or"
	wordGender       = "Gender"
	wordPostcode     = "Postcode"
	wordFamily       = "Family name"
	wordBirthDate    = "Birth date"
	wordGiven        = "Given name"
	wordNumberHint   = "10 digits. Enough alone."
	wordFamilyHint   = "With the birth date."
	wordBornHint     = "As 04-03-2016, 2016, 3-5y."
	wordGenderHint   = "Better left open: ← → choose."
	wordPostcodeHint = "Hides restricted patients."
	wordAnyGender    = "any"
	wordSearchButton = "[ Search ]"
	wordSearching    = "Searching."
	wordNumberOrName = "Clear this to search by name, or clear the name."
	wordNeedFamily   = "Type a family name."
	wordNobody       = "No patient was found."
	wordTooMany      = "Too many patients match."
)

// Searching.
const (
	wordFewerFields  = "fewer fields"
	wordMore         = "More"
	wordMoreHint     = "given name, born up to, gender, postcode, died."
	wordGivenHint    = "If known. * after 2 letters."
	wordBornTo       = "Born up to"
	wordBornToHint   = "If the date is not sure."
	wordDied         = "Died on"
	wordDiedHint     = "Finds nobody living."
	wordBeforeBirth  = "This is before the birth date."
	wordRangeTwice   = "The birth date is a range already. Clear this."
	wordNoStar       = "The wider search takes no *: type what you know, without it."
	wordWiderNeeds   = "The wider search needs both names, or one of them with gender and postcode."
	wordNobodyAdvice = "Check the spelling and the birth date, or put a * after the first letters of the name."
	wordNobodyWider  = "The wider search found nobody either. Check the birth date, or ask for the NHS number."
	wordTooManyHelp  = "Add a given name or a postcode, or ask for the NHS number."
	wordNotListed    = "The one you look for was not in the list?"
	wordWiderOffer   = "searches wider: names that sound alike or changed places, a slip in the date, old names. " +
		"It can show people you do not mean."
	wordWiderGiven = "It needs the given name too."
)

// Flags in the record system.
const (
	wordShowFlags          = "flags not yet written"
	wordPressFlags         = "press f."
	wordLeaveFieldForFlags = "press Esc, then f."
)

// Words used only in linear mode: questions, and words for what the screens show without words. All others are those
// of the panes.
const (
	wordPlainToFlags = "type /flags."
)

// WordsActsFor returns the sentence about the organisation that the user acts for.
func WordsActsFor(organisation string) string { return "You act for " + organisation + "." }

// wordsListed returns the length of a list and the number of the chosen row.
func wordsListed(n, chosen int) string {
	if n == 1 {
		return "1 patient, this one."
	}
	return fmt.Sprintf("%d patients. This is number %d.", n, chosen+1)
}

func wordsFound(n, from, shown int) string {
	switch {
	case n == 1:
		return "1 patient"
	case shown < n:
		return fmt.Sprintf("%d patients, %d to %d", n, from+1, from+shown)
	default:
		return fmt.Sprintf("%d patients", n)
	}
}

func wordsSearchedNumber(n string) string { return "Searched: NHS number " + n }

// wordsSearched describes a search: as typed or wider, and its criteria.
func wordsSearched(q client.Query) string {
	how := "Searched as typed: "
	if q.Wider {
		how = "Searched wider: "
	}
	return how + strings.Join(wordsQuery(q), ", ")
}

// wordsQuery returns the criteria of a search.
func wordsQuery(q client.Query) []string {
	var parts []string
	add := func(what, value string) {
		if value == "" {
			return
		}
		if nhs.HasWildcard(value) {
			value += " (* is any letters)"
		}
		parts = append(parts, what+" "+value)
	}

	add("family name", q.Family)
	if !q.Born.IsZero() {
		add("born", daysOf(q.Born, q.BornTo).String())
	}

	add("given name", q.Given)
	if q.Gender != "" {
		add("gender", q.Gender.Display())
	}

	add("postcode", q.Postcode)
	if !q.Died.IsZero() {
		add("died", daysOf(q.Died, q.DiedTo).String())
	}

	return parts
}

// daysOf returns first as a day or, if last is set, a range.
func daysOf(first, last nhs.Date) nhs.Days {
	if last.IsZero() {
		last = first
	}
	return nhs.Days{From: first, To: last}
}

// wordsFolded returns the contents of the hidden fields.
func (s *Form) wordsFolded() string {
	parts := wordsQuery(client.Query{
		Given: s.Fields[FieldGiven].String(), Gender: s.Genders,
		Postcode: s.Fields[FieldPostcode].String(),
	})
	if bornTo := s.Fields[FieldBornTo].String(); bornTo != "" {
		parts = append(parts, "born up to "+bornTo)
	}
	if died := s.Fields[FieldDied].String(); died != "" {
		parts = append(parts, "died "+died)
	}
	return strings.Join(parts, ", ")
}

// WordsFlags returns the number of flags, with the verb.
func WordsFlags(n int) string {
	if n == 1 {
		return "1 flag is"
	}
	return fmt.Sprintf("%d flags are", n)
}

func wordsFlagsWait(n, inMemory int, place string) string {
	words := WordsFlags(n) + " not yet written into " + place
	switch {
	case inMemory == n:
		words += ", and lost when you quit"
	case inMemory > 0:
		words += fmt.Sprintf(", %d of them lost when you quit", inMemory)
	}
	return words
}

func wordsPlainFieldWrong(label, why string) string { return label + ": " + why }
