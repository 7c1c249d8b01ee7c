package tui

import (
	"fmt"

	"wardlight/tui/draw"
	"wardlight/tui/step"
)

func (s *findScreen) InLines() []string {
	out := []string{step.Sentence(titleFind)}
	for i, wrong := range s.errs {
		if wrong != "" {
			label, _ := fieldWords(i)
			out = append(out, step.Sentence(wordsPlainFieldWrong(label, wrong)))
		}
	}
	return append(out, step.Sentences(s.flagsTold(wordPlainToFlags, step.Unbounded), s.outcome(step.Unbounded, usual), s.hintsBelow(step.Unbounded))...)
}

// fieldWords are the label of a field and its hint.
func fieldWords(field int) (label, hint string) {
	switch field {
	case fieldNumber:
		return step.WordNumber, wordNumberHint
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
	out := append(step.Sentences(draw.Lines(s.searched)), step.Sentence(wordsFound(len(s.rows), 0, len(s.rows))))
	for i, r := range s.rows {
		facts := []step.Fact{}
		for _, c := range s.columns(step.Unbounded)[1:] {
			facts = append(facts, step.Fact{Label: c.title, Value: c.cell(r)})
		}
		row := fmt.Sprintf("%d. %s. %s", i+1, rowName(r), step.Record(facts...))
		if c := r.Caution(); c != "" {
			row += " " + c
		}
		out = append(out, row)
	}
	return out
}
