package draw

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// Field is one line that the user types into. It keeps letters, not bytes, and never more than its limit.
//
// The text field of bubbles brings a clipboard library along, which reads what other programs have copied; a terminal's
// own paste does without.
type Field struct {
	Value []rune
	At    int // where the cursor is, in runes
	limit int // in runes
}

// NewField returns an empty field that takes limit letters at most.
func NewField(limit int) Field { return Field{limit: limit} }

// String returns what was typed, without blanks round it.
func (f *Field) String() string { return strings.TrimSpace(string(f.Value)) }

// Set replaces what was typed.
func (f *Field) Set(s string) {
	f.Clear()
	f.Insert(s)
}

// Clear empties the field and overwrites what was in it.
func (f *Field) Clear() {
	clear(f.Value[:cap(f.Value)])
	f.Value, f.At = f.Value[:0], 0
}

// Insert types s at the cursor; what is not printable, or over the limit, is left out. Keys and cells of a
// spreadsheet leave a blank between them, other controls nothing. A combining mark that is typed by itself stays on
// the letter before it.
func (f *Field) Insert(s string) {
	before := f.At
	for i, r := range []rune(text.Clean(string(f.Value[:before])+letters(s), before+4*f.limit)) {
		if len(f.Value) >= f.limit {
			return
		}
		if i < before || !unicode.IsPrint(r) || r == text.Mark {
			continue
		}
		f.Value = append(f.Value, 0)
		copy(f.Value[f.At+1:], f.Value[f.At:])
		f.Value[f.At] = r
		f.At++
	}
}

// letters returns a text that was typed or pasted, without controls and what prints nothing, and with a blank for
// each space or break.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r): // also those of another width
			return ' '
		case unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, text.WithoutIgnorable(s))
}

// Press takes a key and reports whether it was one of the field's.
func (f *Field) Press(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "left":
		f.At = max(0, f.At-1)
	case "right":
		f.At = min(len(f.Value), f.At+1)
	case "home":
		f.At = 0
	case "end":
		f.At = len(f.Value)
	case "backspace":
		if f.At > 0 {
			f.Value = append(f.Value[:f.At-1], f.Value[f.At:]...)
			f.At--
		}
	case "delete":
		if f.At < len(f.Value) {
			f.Value = append(f.Value[:f.At], f.Value[f.At+1:]...)
		}
	case "ctrl+u":
		f.Clear()
	default:
		if k.Text == "" || k.Mod&(tea.ModCtrl|tea.ModAlt) != 0 {
			return false
		}
		f.Insert(k.Text)
	}
	return true
}

// View returns the field in w cells and the cell in it where the cursor stands. A longer text scrolls under the cursor.
func (f *Field) View(w int) (string, int) {
	before := string(f.Value[:f.At])
	cut := 0
	for text.Width(before) >= w {
		cut++
		before = string(f.Value[cut:f.At])
	}
	shown := []rune(before)
	for _, r := range f.Value[f.At:] {
		if text.Width(string(shown)+string(r)) > w {
			break
		}
		shown = append(shown, r)
	}
	return text.Pad(string(shown), w), text.Width(before)
}
