package tui

import (
	"fmt"

	"wardlight/tui/draw"
)

func (s *findScreen) InLines() []string {
	out := []string{sentence(titleFind)}
	for i, wrong := range s.errs {
		if wrong != "" {
			label, _ := fieldWords(i)
			out = append(out, sentence(wordsPlainFieldWrong(label, wrong)))
		}
	}
	return append(out, said(s.flagsTold(wordPlainToFlags, unbounded), s.outcome(unbounded, usual), s.hintsBelow(unbounded))...)
}

// fieldWords are the label of a field and its hint.
func fieldWords(field int) (label, hint string) {
	switch field {
	case fieldNumber:
		return wordNumber, wordNumberHint
	case fieldFamily:
		return wordFamily, wordFamilyHint
	case fieldBorn:
		return wordBirthDate, wordBornHint
	case fieldGiven:
		return wordGiven, wordGivenHint
	case fieldBornTo:
		return wordBornTo, wordBornToHint
	case fieldGender:
		return wordGender, ""
	case fieldPostcode:
		return wordPostcode, wordPostcodeHint
	default:
		return "", ""
	}
}

func (s *resultsScreen) InLines() []string {
	out := append(said(draw.Lines(s.searched)), sentence(wordsFound(len(s.rows), 0, len(s.rows))))
	for i, r := range s.rows {
		facts := []fact{}
		for _, c := range s.columns(unbounded)[1:] {
			facts = append(facts, fact{c.title, c.cell(r)})
		}
		row := fmt.Sprintf("%d. %s. %s", i+1, rowName(r), record(facts...))
		if c := r.Caution(); c != "" {
			row += " " + c
		}
		out = append(out, row)
	}
	return out
}
