package tui

import (
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// The words about searching.
const (
	wordMoreFields  = "more fields"
	wordFewerFields = "fewer fields"
	wordSearchWider = "search wider"

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

func wordsSearchedNumber(n string) string { return "Searched: NHS number " + n }

// wordsSearched is what is searched: as it was typed or wider, and by what.
func wordsSearched(q client.Query) string {
	how := "Searched as typed: "
	if q.Wider {
		how = "Searched wider: "
	}
	return how + strings.Join(wordsQuery(q), ", ")
}

// wordsQuery is what a search goes by.
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

// wordsFolded is what stands in the fields that are folded away.
func wordsFolded(given, bornTo string, gender nhs.Gender, postcode string) string {
	parts := wordsQuery(client.Query{Given: given, Gender: gender, Postcode: postcode})
	if bornTo != "" {
		parts = append(parts, "born up to "+bornTo)
	}
	return strings.Join(parts, ", ")
}
