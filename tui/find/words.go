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

// Find and results.
const (
	wordOr           = "or"
	wordGender       = "Gender"
	wordPostcode     = "Postcode"
	wordFamily       = "Family name"
	wordBirthDate    = "Birth date"
	wordGiven        = "Given name"
	wordNumberHint   = "10 digits. Alone it is enough."
	wordFamilyHint   = "With the birth date."
	wordBornHint     = "As in 04-03-2016."
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

// The words about searching.
const (
	wordFewerFields  = "fewer fields"
	wordMore         = "More"
	wordMoreHint     = "given name, born up to, gender, postcode."
	wordGivenHint    = "If known. * after 2 letters."
	wordBornTo       = "Born up to"
	wordBornToHint   = "If the date is not sure."
	wordRangeOrder   = "This is before the birth date."
	wordNoStar       = "The wider search takes no *: type what you know, without it."
	wordWiderNeeds   = "The wider search needs both names, or one of them with gender and postcode."
	wordNobodyAdvice = "Check the spelling and the birth date, or put a * after the first letters of the name."
	wordNobodyWider  = "The wider search found nobody either. Check the birth date, or ask for the NHS number."
	wordTooManyHelp  = "Add a given name or a postcode, or ask for the NHS number."
	wordNotListed    = "The one you look for was not in the list?"
	wordWiderOffer   = "searches wider: names that sound alike or changed places, a slip in the date, old names. It can show people you do not mean."
	wordWiderGiven   = "It needs the given name too."
)

// Flags in the record system.
const (
	wordShowFlags          = "flags not yet written"
	wordPressFlags         = "press f."
	wordLeaveFieldForFlags = "press Esc, then f."
)

// The words of the linear mode alone: what it asks for, and what a screen shows without words. All others are the
// panes'.
const (
	wordPlainToFlags = "type /flags."
)

// WordsActsFor returns for which organisation the user acts.
func WordsActsFor(organisation string) string { return "You act for " + organisation + "." }

// wordsListed tells of a list that one patient was chosen from.
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

// wordsSearched returns what is searched: as it was typed or wider, and by what.
func wordsSearched(q client.Query) string {
	how := "Searched as typed: "
	if q.Wider {
		how = "Searched wider: "
	}
	return how + strings.Join(wordsQuery(q), ", ")
}

// wordsQuery returns what a search goes by.
func wordsQuery(q client.Query) []string {
	var parts []string
	add := func(what, value string) {
		if value == "" {
			return
		}
		if nhs.Wild(value) {
			value += " (* is any letters)"
		}
		parts = append(parts, what+" "+value)
	}
	add("family name", q.Family)
	switch {
	case q.Born.IsZero():
	case q.BornTo.IsZero():
		add("born", q.Born.String())
	default:
		add("born", q.Born.String()+" to "+q.BornTo.String())
	}
	add("given name", q.Given)
	if q.Gender != "" {
		add("gender", q.Gender.Display())
	}
	add("postcode", q.Postcode)
	return parts
}

// wordsFolded returns what stands in the fields that are folded away.
func wordsFolded(given, bornTo string, gender nhs.Gender, postcode string) string {
	parts := wordsQuery(client.Query{Given: given, Gender: gender, Postcode: postcode})
	if bornTo != "" {
		parts = append(parts, "born up to "+bornTo)
	}
	return strings.Join(parts, ", ")
}

// WordsFlags returns a number of flags, with the verb.
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
