package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// fieldWidth is how wide the fields of the form are, and formLabel the labels before them, in cells.
const fieldWidth, formLabel = 24, 13

// The spacings of the form, the most generous first: with room between its parts, as usual, and with every line used.
const (
	spacious = iota
	usual
	tight
)

func (s *findScreen) view(l layout) pane {
	from := usual
	if l.body.h >= spaciousRows {
		from = spacious
	}
	for spacing := from; spacing < tight; spacing++ {
		if p := s.drawn(l, spacing, 0); len(p.lines) <= l.body.h {
			return s.drawn(l, spacing, l.body.h)
		}
	}
	return s.drawn(l, tight, l.body.h)
}

// drawn is the form and what the last search came to, with its frame h lines high where panes stand side by side (0: as high as
// it needs).
func (s *findScreen) drawn(l layout, spacing, h int) pane {
	w := min(l.body.w, widestForm)
	rows := s.parts(w-6, spacing)
	if l.wide {
		return s.th.focus(titleFind, stack(rows, s.outcome(w-6, spacing), s.hintsBelow(w-6)).indent(1), w, h)
	}
	top := gap(1)
	if spacing == tight {
		top = gap(0)
	}
	return stack(top, s.th.focus(titleFind, rows.indent(1), w, 0), s.outcome(w-4, spacing).indent(2), s.hintsBelow(w))
}

// parts is the fields and the button.
func (s *findScreen) parts(w, spacing int) pane {
	edge, space := gap(1), gap(0)
	or := lines(s.th.label.Render(wordOr + " " + strings.Repeat("·", formLabel+1+fieldWidth-len(wordOr))))
	switch spacing {
	case spacious:
		space = gap(1)
	case tight:
		edge = gap(0)
		if s.form.more {
			or = gap(0)
		}
	}
	rows := []pane{
		edge,
		s.row(fieldNumber, wordNumber, wordNumberHint, w), space, or, space,
		s.row(fieldFamily, wordFamily, wordFamilyHint, w),
		s.row(fieldBorn, wordBirthDate, wordBornHint, w),
	}
	if s.form.more {
		rows = append(rows,
			s.row(fieldGiven, wordGiven, wordGivenHint, w),
			s.row(fieldBornTo, wordBornTo, wordBornToHint, w),
			s.genderRow(w),
			s.row(fieldPostcode, wordPostcode, wordPostcodeHint, w))
	} else {
		rows = append(rows, s.folded(w))
	}
	if spacing == tight && s.focus != focusSearch { // the key stands in the foot
		return stack(rows...)
	}
	return stack(append(rows, edge, s.button(), space)...)
}

// folded stands for the fields that are folded away: the key that shows them, and what is in them.
func (s *findScreen) folded(w int) pane {
	words, st := wordMoreHint, s.th.label
	if in := wordsFolded(s.fields[fieldGiven].String(), s.fields[fieldBornTo].String(), s.genders, s.fields[fieldPostcode].String()); in != "" {
		words, st = in, s.th.strong
	}
	name := s.keys.More.Help().Key
	left := lines(s.th.label.Render(text.Pad(wordMore, formLabel)) + "  " + s.th.keycap.Render(name))
	before := formLabel + 2 + text.Width(name)
	return beside(left, before, 1, paragraph(st, words, w-before-1))
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
func (s *findScreen) outcome(w, spacing int) pane {
	switch {
	case s.asking:
		return stack(lines(s.th.strong.Render(wordSearching)), paragraph(s.th.label, s.summary, w))
	case s.err != nil:
		return stack(s.th.faultPane(s.err, w), paragraph(s.th.label, s.summary, w))
	case s.refused != nil:
		return paragraph(s.th.plain, s.refused.advice, w)
	}
	happened := s.happened(w, spacing)
	if s.widens && !s.wider && s.last != notSearched {
		name, offer := s.keys.Wider.Help().Key, wordWiderOffer
		if s.fields[fieldGiven].String() == "" {
			offer += " " + wordWiderGiven
		}
		happened = stack(happened, beside(lines(s.th.keycap.Render(name)), text.Width(name), 1, paragraph(s.th.plain, offer, w-text.Width(name)-1)))
	}
	return happened
}

// happened is what the last search came to, and what may help.
func (s *findScreen) happened(w, spacing int) pane {
	what, advice := "", ""
	switch s.last {
	case searchNobody:
		what, advice = wordNobody, wordNobodyAdvice
		if s.wider {
			advice = wordNobodyWider
		}
	case searchTooMany:
		what, advice = wordTooMany, wordTooManyHelp
	case searchFound:
		return stack(paragraph(s.th.label, s.summary, w), paragraph(s.th.plain, wordNotListed, w))
	default:
		return pane{}
	}
	happened := stack(paragraph(s.th.warn, signNobody+" "+what, w), paragraph(s.th.label, s.summary, w))
	if spacing == tight && s.widens && !s.wider { // the offer comes first
		return happened
	}
	return stack(happened, paragraph(s.th.plain, advice, w))
}

// hintsBelow are the lines for a demo, while nothing else is to be said.
func (s *findScreen) hintsBelow(w int) pane {
	if s.asking || s.err != nil || s.last != notSearched || s.refused != nil {
		return pane{}
	}
	return s.hints(w)
}
