package step

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
	"wardlight/tui/draw"
)

// Answer is a text that a dialog asks for.
type Answer struct {
	field draw.Field
	Wrong string // what the text lacks, or ""
}

// NewAnswer returns an empty answer of at most limit characters.
func NewAnswer(limit int) Answer { return Answer{field: draw.NewField(limit)} }

// String returns the text without leading and trailing blanks.
func (a *Answer) String() string { return a.field.String() }

// Set replaces the text.
func (a *Answer) Set(words string) {
	a.field.Set(words)
	a.Wrong = ""
}

// Clear empties the text and overwrites its memory.
func (a *Answer) Clear() { a.field.Clear() }

// Paste inserts pasted text.
func (a *Answer) Paste(pasted string) {
	a.field.Insert(pasted)
	a.Wrong = ""
}

// Press handles a key.
func (a *Answer) Press(k tea.KeyPressMsg) {
	if a.field.Press(k) {
		a.Wrong = ""
	}
}

// answerLabel is the width of the label of an answer and its mark.
const answerLabel = 9

// Row returns the field with its label, w cells wide, and below it what the text lacks.
func (a *Answer) Row(t draw.Styles, label string, w int) draw.Pane {
	value, cursor := a.field.View(w - answerLabel - 2)
	row := draw.Lines(t.Strong.Render(text.Pad(label, answerLabel-2)) + t.Keycap.Render(draw.SignChosen) + " " +
		t.Field.Render(value))
	row.Cursor = &tea.Position{X: answerLabel + cursor}
	if a.Wrong != "" {
		row = draw.Stack(row, draw.Paragraph(t.Warn, draw.SignFailed+" "+a.Wrong, w))
	}
	return row
}
