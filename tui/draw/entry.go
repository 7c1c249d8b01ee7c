package draw

import "wardlight/internal/text"

// LabelWidth is the column in which values begin, in cells.
const LabelWidth = 15

// narrowPane is the width below which a value is shown below its label.
const narrowPane = 2*LabelWidth + 4

// Entry returns a label and its value. The label has no colon and is less prominent (CUI).
func (t Styles) Entry(label, value string) Pane {
	return Lines(t.Label.Render(text.Pad(label, LabelWidth-1)) + " " + value)
}

// Entries returns a label and a value, wrapped for a pane w cells wide.
func (t Styles) Entries(label, value string, w int) Pane {
	if w < narrowPane {
		return Stack(Lines(t.Label.Render(label)), Paragraph(t.Plain, value, w))
	}
	wrapped := Paragraph(t.Plain, value, max(w-LabelWidth, 10))
	return Beside(Lines(t.Label.Render(text.Pad(label, LabelWidth-1))), LabelWidth-1, 1, wrapped)
}
