package tui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// field is one line that the user types into. It keeps letters, not bytes, and never more than its limit.
//
// The text field of bubbles brings a clipboard library along, which reads what other programs have copied; a terminal's
// own paste does without.
type field struct {
	value []rune
	at    int // where the cursor is, in runes
	limit int // in runes
}

func newField(limit int) field { return field{limit: limit} }

// String is what was typed, without blanks round it.
func (f *field) String() string { return strings.TrimSpace(string(f.value)) }

// set replaces what was typed.
func (f *field) set(s string) {
	f.clear()
	f.insert(s)
}

// clear empties the field and overwrites what was in it.
func (f *field) clear() {
	clear(f.value[:cap(f.value)])
	f.value, f.at = f.value[:0], 0
}

// insert types s at the cursor; what is not printable, or over the limit, is left out. Keys and cells of a spreadsheet leave a blank
// between them, other controls nothing. A combining mark that is typed by itself stays on the letter before it.
func (f *field) insert(s string) {
	before := f.at
	for i, r := range []rune(text.Clean(string(f.value[:before])+letters(s), before+4*f.limit)) {
		if len(f.value) >= f.limit {
			return
		}
		if i < before || !unicode.IsPrint(r) || r == text.Mark {
			continue
		}
		f.value = append(f.value, 0)
		copy(f.value[f.at+1:], f.value[f.at:])
		f.value[f.at] = r
		f.at++
	}
}

// letters returns a text that was typed or pasted, without controls and what prints nothing, and with a blank for each space or break.
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

// press takes a key and reports whether it was one of the field's.
func (f *field) press(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "left":
		f.at = max(0, f.at-1)
	case "right":
		f.at = min(len(f.value), f.at+1)
	case "home":
		f.at = 0
	case "end":
		f.at = len(f.value)
	case "backspace":
		if f.at > 0 {
			f.value = append(f.value[:f.at-1], f.value[f.at:]...)
			f.at--
		}
	case "delete":
		if f.at < len(f.value) {
			f.value = append(f.value[:f.at], f.value[f.at+1:]...)
		}
	case "ctrl+u":
		f.clear()
	default:
		if k.Text == "" || k.Mod&(tea.ModCtrl|tea.ModAlt) != 0 {
			return false
		}
		f.insert(k.Text)
	}
	return true
}

// view is the field in w cells and the cell in it where the cursor stands. A longer text scrolls under the cursor.
func (f *field) view(w int) (string, int) {
	before := string(f.value[:f.at])
	cut := 0
	for text.Width(before) >= w {
		cut++
		before = string(f.value[cut:f.at])
	}
	shown := []rune(before)
	for _, r := range f.value[f.at:] {
		if text.Width(string(shown)+string(r)) > w {
			break
		}
		shown = append(shown, r)
	}
	return text.Pad(string(shown), w), text.Width(before)
}
