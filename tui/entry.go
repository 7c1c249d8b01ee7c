package tui

import "wardlight/internal/text"

// labelWidth is the column in which values begin, in cells.
const labelWidth = 15

// narrowPane is the width below which a value stands under its label.
const narrowPane = 2*labelWidth + 4

// entry is a label and its value: the label without a colon and less prominent (CUI).
func (t theme) entry(label, value string) pane {
	return lines(t.label.Render(text.Pad(label, labelWidth-1)) + " " + value)
}

// entries is a label and a value that may need several lines of a pane w cells wide.
func (t theme) entries(label, value string, w int) pane {
	if w < narrowPane {
		return stack(lines(t.label.Render(label)), paragraph(t.plain, value, w))
	}
	wrapped := paragraph(t.plain, value, max(w-labelWidth, 10))
	return beside(lines(t.label.Render(text.Pad(label, labelWidth-1))), labelWidth-1, 1, wrapped)
}
