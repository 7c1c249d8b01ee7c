package step

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
	"wardlight/tui/draw"
)

// The widths of a row of a form, in cells: the label, the field, which has space for a range of dates and the cursor,
// and the gap before the hint.
const FormLabel, FieldWidth, fieldGap = 13, 27, 1

// minHintWidth is the minimum width of a hint. With less space there is no hint, and an error is shown below the field.
const minHintWidth = 26

// FieldRow is a row of a form.
type FieldRow struct {
	Label, Hint string
	Wrong       string // the error about the field, which replaces the hint, or ""
	Focused     bool   // keys go to the field
	Cursor      int    // the cell of the cursor in the field
}

// FieldRow returns a row of a form, w cells wide, with value in the field. A sign before the field marks the focus, in
// case the cursor is not visible.
func (c *Common) FieldRow(r FieldRow, value string, w int) draw.Pane {
	mark, st := "  ", c.Styles.Label
	if r.Focused {
		mark, st = c.Styles.Keycap.Render(draw.SignChosen)+" ", c.Styles.Strong
	}

	row := draw.Lines(st.Render(text.Pad(r.Label, FormLabel)) + mark + c.Styles.Field.Render(value))
	avail := w - FormLabel - 2 - FieldWidth - fieldGap
	switch {
	case avail < minHintWidth && r.Wrong != "":
		row = draw.Stack(row, draw.Paragraph(c.Styles.Warn, draw.SignFailed+" "+r.Wrong, w-FormLabel-2).
			Indent(FormLabel+2))
	case avail < minHintWidth:
	case r.Wrong != "":
		row = draw.Beside(row, FormLabel+2+FieldWidth, fieldGap, draw.Paragraph(c.Styles.Warn, draw.SignFailed+" "+
			r.Wrong, avail))
	default:
		row = draw.Beside(row, FormLabel+2+FieldWidth, fieldGap, draw.Paragraph(c.Styles.Label, r.Hint, avail))
	}

	if r.Focused {
		row.Cursor = &tea.Position{X: FormLabel + 2 + r.Cursor}
	}
	return row
}

// FormButton returns the button of a form. If it has the focus, Enter presses it.
func (c *Common) FormButton(words string, focused bool) draw.Pane {
	if !focused {
		return draw.Lines(text.Pad("", FormLabel+2) + c.Styles.Label.Render(words))
	}
	p := draw.Lines(text.Pad("", FormLabel) + c.Styles.Keycap.Render(draw.SignChosen) + " " +
		c.Styles.Chosen.Render(words))
	p.Cursor = &tea.Position{X: FormLabel + 1}
	return p
}
