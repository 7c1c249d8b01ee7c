package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// fieldWidth is how wide the fields of the form are, and formLabel the labels before them, in cells.
const fieldWidth, formLabel = 24, 13

func (s *findScreen) view(l layout) pane {
	w := min(l.body.w, widestForm)
	in := w - 6
	space := gap(0)
	if l.body.h >= spaciousRows {
		space = gap(1)
	}
	rows := []pane{
		gap(1),
		s.row(fieldNumber, wordNumber, wordNumberHint, in),
		space,
		lines(s.th.label.Render(wordOr + " " + strings.Repeat("·", formLabel+1+fieldWidth-len(wordOr)))),
		space,
		s.row(fieldFamily, wordFamily, wordFamilyHint, in),
		s.row(fieldBorn, wordBirthDate, wordBornHint, in),
		s.row(fieldGiven, wordGiven, wordOptional, in),
		s.genderRow(in),
		s.row(fieldPostcode, wordPostcode, wordPostcodeHint, in),
		gap(1),
		s.button(),
		space,
	}
	if l.wide {
		inner := stack(stack(rows...), s.flagsLine(w-6), s.outcome(w-6), s.hintsBelow(w-6)).indent(1)
		return s.th.focus(titleFind, inner, w, l.body.h)
	}
	form := s.th.focus(titleFind, stack(rows...).indent(1), w, 0)
	return stack(gap(1), form, s.flagsLine(w-4).indent(2), s.outcome(w-4).indent(2), s.hintsBelow(w))
}

// widestForm is how wide the form gets. Where less than leastHint cells are left beside a field there is no hint, and what
// is wrong stands below it.
const widestForm, leastHint = 100, 28

// row is one field with, to its right, a hint or what is wrong.
func (s *findScreen) row(i int, label, hint string, w int) pane {
	value, cursor := s.fields[i].view(fieldWidth)
	p := s.labelled(i, label, s.th.field.Render(value), hint, w)
	if s.focus == i && s.typing() {
		p.cursor = &tea.Position{X: formLabel + 2 + cursor}
	}
	return p
}

// genderRow is the field that is chosen, not typed.
func (s *findScreen) genderRow(w int) pane {
	value := wordAnyGender
	if s.genders != "" {
		value = s.genders.Display()
	}
	p := s.labelled(fieldGender, wordGender, s.th.field.Render(text.Pad(value, fieldWidth)), wordGenderHint, w)
	if s.focus == fieldGender && s.typing() {
		p.cursor = &tea.Position{X: formLabel + 2}
	}
	return p
}

// labelled is a row of the form. A marker before the field shows the focus where the cursor can't be seen.
func (s *findScreen) labelled(i int, label, value, hint string, w int) pane {
	mark, st := "  ", s.th.label
	if s.focus == i && s.typing() {
		mark, st = s.th.keycap.Render(signChosen)+" ", s.th.strong
	}
	left := lines(st.Render(text.Pad(label, formLabel)) + mark + value)
	room := w - formLabel - 2 - fieldWidth - 2
	switch {
	case room < leastHint && s.errs[i] != "":
		return stack(left, paragraph(s.th.warn, signFailed+" "+s.errs[i], w-formLabel-2).indent(formLabel+2))
	case room < leastHint:
		return left
	case s.errs[i] != "":
		return beside(left, formLabel+2+fieldWidth, 2, paragraph(s.th.warn, signFailed+" "+s.errs[i], room))
	default:
		return beside(left, formLabel+2+fieldWidth, 2, paragraph(s.th.label, hint, room))
	}
}

// button is where the focus goes after the last field.
func (s *findScreen) button() pane {
	if s.focus != focusSearch || s.asking {
		return lines(text.Pad("", formLabel+2) + s.th.label.Render(wordSearchButton))
	}
	p := lines(text.Pad("", formLabel) + s.th.keycap.Render(signChosen) + " " + s.th.chosen.Render(wordSearchButton))
	p.cursor = &tea.Position{X: formLabel + 1}
	return p
}

// outcome is what the last search came to, with what was searched.
func (s *findScreen) outcome(w int) pane {
	switch {
	case s.asking:
		return stack(lines(s.th.strong.Render(wordSearching)), paragraph(s.th.label, s.summary, w))
	case s.err != nil:
		return stack(s.th.faultPane(s.err, w), paragraph(s.th.label, s.summary, w))
	case s.none:
		return stack(paragraph(s.th.warn, signNobody+" "+wordNobody, w), paragraph(s.th.plain, wordNobodyAdvice, w),
			paragraph(s.th.label, s.summary, w))
	case s.tooMany:
		return stack(paragraph(s.th.warn, signNobody+" "+wordTooMany, w), paragraph(s.th.plain, wordTooManyAdvice, w),
			paragraph(s.th.label, s.summary, w))
	case s.refused != nil:
		return paragraph(s.th.plain, s.refused.advice, w)
	default:
		return pane{}
	}
}

// hintsBelow are the lines for a demo, while nothing else is to be said.
func (s *findScreen) hintsBelow(w int) pane {
	if s.asking || s.err != nil || s.none || s.tooMany || s.refused != nil {
		return pane{}
	}
	return s.hints(w)
}
