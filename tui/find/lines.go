package find

import (
	"fmt"

	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Form) InLines() []string {
	out := []string{step.Sentence(titleFind)}
	for i, wrong := range s.Errs {
		if wrong != "" {
			label, _ := FieldWords(i)
			out = append(out, step.Sentence(wordsPlainFieldWrong(label, wrong)))
		}
	}
	return append(out, step.Sentences(s.flagsNotice(wordPlainToFlags, step.Unbounded),
		s.outcome(step.Unbounded, defaultForm), s.hintsBelow(step.Unbounded))...)
}

// FieldWords returns the label and the hint of a field.
func FieldWords(field int) (label, hint string) {
	switch field {
	case FieldNumber:
		return step.WordNumber, wordNumberHint
	case FieldFamily:
		return wordFamily, wordFamilyHint
	case FieldBorn:
		return wordBirthDate, wordBornHint
	case FieldGiven:
		return wordGiven, wordGivenHint
	case FieldBornTo:
		return wordBornTo, wordBornToHint
	case FieldGender:
		return wordGender, ""
	case FieldPostcode:
		return wordPostcode, wordPostcodeHint
	case FieldDied:
		return wordDied, wordDiedHint
	default:
		return "", ""
	}
}

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Results) InLines() []string {
	out := append(step.Sentences(draw.Lines(s.searched)), step.Sentence(wordsFound(len(s.Rows), 0, len(s.Rows))))
	for i, r := range s.Rows {
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
