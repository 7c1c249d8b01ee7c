package find

import (
	"strings"

	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// The spacings of the form: with space between all parts, the default, and without empty lines.
const (
	spacious = iota
	defaultForm
	tight
)

// View returns the body of the screen.
func (s *Form) View(l draw.Layout) draw.Pane {
	from := defaultForm
	if l.Body.H >= step.MinSpaciousRows {
		from = spacious
	}
	for spacing := from; spacing < tight; spacing++ {
		if p := s.drawn(l, spacing, 0); len(p.Lines) <= l.Body.H {
			return s.drawn(l, spacing, l.Body.H)
		}
	}
	return s.drawn(l, tight, l.Body.H)
}

// drawn returns the form and the result of the last search. If panes are side by side, the frame has h lines, or as
// many as needed if h is 0.
func (s *Form) drawn(l draw.Layout, spacing, h int) draw.Pane {
	in := min(l.Body.W, step.MaxFormWidth) - 6
	rows := s.parts(in, spacing)
	if p := s.framed(l, draw.Stack(s.actsFor(in), rows), spacing, h); spacing < tight || len(p.Lines) <= l.Body.H {
		return p
	}
	return s.framed(l, rows, spacing, h)
}

// framed returns the rows of the form with a frame, and the result of the last search.
func (s *Form) framed(l draw.Layout, rows draw.Pane, spacing, h int) draw.Pane {
	w := min(l.Body.W, step.MaxFormWidth)
	if l.Wide {
		return s.Styles.Focus(titleFind, draw.Stack(rows, s.flagsLine(w-6), s.outcome(w-6, spacing), s.hintsBelow(w-6)).
			Indent(1), w, h)
	}
	top := draw.Gap(1)
	if spacing == tight {
		top = draw.Gap(0)
	}
	return draw.Stack(top, s.Styles.Focus(titleFind, rows.Indent(1), w, 0), s.flagsLine(w-4).Indent(2),
		s.outcome(w-4, spacing).Indent(2), s.hintsBelow(w))
}

// parts returns the fields and the search button.
func (s *Form) parts(w, spacing int) draw.Pane {
	edge, space := draw.Gap(1), draw.Gap(0)
	dots := strings.Repeat("·", step.FormLabel+1+step.FieldWidth-len(wordOr))
	or := draw.Lines(s.Styles.Label.Render(wordOr + " " + dots))
	switch spacing {
	case spacious:
		space = draw.Gap(1)
	case tight:
		edge = draw.Gap(0)
		if s.Prefs.More {
			or = draw.Gap(0)
		}
	}

	rows := []draw.Pane{
		edge,
		s.row(FieldNumber, step.WordNumber, wordNumberHint, w), space, or, space,
		s.row(FieldFamily, wordFamily, wordFamilyHint, w),
		s.row(FieldBorn, wordBirthDate, wordBornHint, w),
	}

	if s.Prefs.More {
		rows = append(rows,
			s.row(FieldGiven, wordGiven, wordGivenHint, w),
			s.row(FieldBornTo, wordBornTo, wordBornToHint, w),
			s.genderRow(w),
			s.row(FieldPostcode, wordPostcode, wordPostcodeHint, w),
			s.row(FieldDied, wordDied, wordDiedHint, w))
	} else {
		rows = append(rows, s.hiddenFields(w))
	}

	if spacing == tight && s.Focus != FocusSearch { // the bottom row shows the key
		return draw.Stack(rows...)
	}

	return draw.Stack(append(rows, edge, s.button(), space)...)
}

// hiddenFields returns the line that replaces the hidden fields: the key that shows them, and their contents.
func (s *Form) hiddenFields(w int) draw.Pane {
	words, st := wordMoreHint, s.Styles.Label
	if in := s.wordsFolded(); in != "" {
		words, st = in, s.Styles.Strong
	}
	name := s.Keys.More.Help().Key
	left := draw.Lines(s.Styles.Label.Render(text.Pad(wordMore, step.FormLabel)) + "  " + s.Styles.Keycap.Render(name))
	before := step.FormLabel + 2 + text.Width(name)
	return draw.Beside(left, before, 1, draw.Paragraph(st, words, w-before-1))
}

// row returns a field with a hint or an error to its right.
func (s *Form) row(i int, label, hint string, w int) draw.Pane {
	value, cursor := s.Fields[i].View(step.FieldWidth)
	return s.labelled(i, label, value, hint, cursor, w)
}

// genderRow returns the gender field, whose value is chosen and not typed.
func (s *Form) genderRow(w int) draw.Pane {
	return s.labelled(FieldGender, wordGender, text.Pad(genderName(s.Genders), step.FieldWidth), wordGenderHint, 0, w)
}

// labelled returns a row of the form. cursor is the cell of the cursor in the field.
func (s *Form) labelled(i int, label, value, hint string, cursor, w int) draw.Pane {
	return s.FieldRow(step.FieldRow{
		Label: label, Hint: hint, Wrong: s.Errs[i], Focused: s.Focus == i && s.Typing(), Cursor: cursor,
	}, value, w)
}

// button returns the search button, which has the focus after the last field.
func (s *Form) button() draw.Pane {
	return s.FormButton(wordSearchButton, s.Focus == FocusSearch && !s.Asking.Pending())
}

// outcome returns the result of the last search, with what was searched for.
func (s *Form) outcome(w, spacing int) draw.Pane {
	switch {
	case s.Asking.Pending():
		return draw.Stack(draw.Lines(s.Styles.Strong.Render(wordSearching)), draw.Paragraph(s.Styles.Label, s.Summary,
			w))
	case s.err != nil:
		return draw.Stack(step.FaultPane(s.Styles, s.err, w), draw.Paragraph(s.Styles.Label, s.Summary, w))
	case s.refused != nil:
		return draw.Paragraph(s.Styles.Plain, s.refused.advice, w)
	}
	happened := s.resultText(w, spacing)
	if s.WiderOffered && !s.Wider && s.Last != NotSearched {
		name, offer := s.Keys.Wider.Help().Key, wordWiderOffer
		if s.Fields[FieldGiven].String() == "" {
			offer += " " + wordWiderGiven
		}
		happened = draw.Stack(happened, draw.Beside(draw.Lines(s.Styles.Keycap.Render(name)), text.Width(name), 1,
			draw.Paragraph(s.Styles.Plain, offer, w-text.Width(name)-1)))
	}
	return happened
}

// resultText returns the result of the last search, with advice.
func (s *Form) resultText(w, spacing int) draw.Pane {
	what, advice := "", ""
	switch s.Last {
	case searchNobody:
		what, advice = wordNobody, wordNobodyAdvice
		if s.Wider {
			advice = wordNobodyWider
		}
	case searchTooMany:
		what, advice = wordTooMany, wordTooManyHelp
	case searchFound:
		return draw.Stack(draw.Paragraph(s.Styles.Label, s.Summary, w), draw.Paragraph(s.Styles.Plain, wordNotListed,
			w))
	default:
		return draw.Pane{}
	}

	happened := draw.Stack(draw.Paragraph(s.Styles.Warn, draw.SignNobody+" "+what, w),
		draw.Paragraph(s.Styles.Label, s.Summary, w))
	if spacing == tight && s.WiderOffered && !s.Wider { // the offer of the wider search is more important
		return happened
	}

	return draw.Stack(happened, draw.Paragraph(s.Styles.Plain, advice, w))
}

// hintsBelow returns the lines for a demo, if there is no result to show.
func (s *Form) hintsBelow(w int) draw.Pane {
	if s.Asking.Pending() || s.err != nil || s.Last != NotSearched || s.refused != nil {
		return draw.Pane{}
	}
	return s.Hints(w)
}

// actsFor returns for which organisation the user acts, if the header names another one.
func (s *Form) actsFor(w int) draw.Pane {
	if s.ActsFor == "" {
		return draw.Pane{}
	}
	return draw.Paragraph(s.Styles.Strong, WordsActsFor(s.ActsFor), w)
}
