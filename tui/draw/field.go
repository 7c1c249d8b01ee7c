package draw

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// Field is a single-line text field with a maximum length in runes.
//
// The text field of bubbles imports a clipboard library, which can read what other programs have copied. This field
// only accepts the terminal's own paste.
type Field struct {
	Value []rune
	At    int // position of the cursor, in runes
	limit int // in runes
}

// NewField returns an empty field for at most limit runes.
func NewField(limit int) Field { return Field{limit: limit} }

// String returns the text without leading and trailing blanks.
func (f *Field) String() string { return strings.TrimSpace(string(f.Value)) }

// Set replaces the text.
func (f *Field) Set(s string) {
	f.Clear()
	f.Insert(s)
}

// Clear empties the field and overwrites the memory of its text.
func (f *Field) Clear() {
	clear(f.Value[:cap(f.Value)])
	f.Value, f.At = f.Value[:0], 0
}

// Insert inserts s at the cursor. Unprintable characters, and those beyond the limit, are dropped. Tabs and line
// breaks become blanks, and other control characters are dropped. A combining mark that is typed alone joins the
// letter before it.
func (f *Field) Insert(s string) {
	before := f.At
	for i, r := range []rune(text.Clean(string(f.Value[:before])+letters(s), before+4*f.limit)) {
		if len(f.Value) >= f.limit {
			return
		}
		if i < before || !unicode.IsPrint(r) || r == text.Replacement {
			continue
		}
		f.Value = append(f.Value, 0)
		copy(f.Value[f.At+1:], f.Value[f.At:])
		f.Value[f.At] = r
		f.At++
	}
}

// letters returns s with white space replaced by blanks, and without control characters and invisible characters.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r): // including wide spaces
			return ' '
		case unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, text.WithoutIgnorable(s))
}

// Press handles a key, and reports whether the field uses it.
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

// View returns the text in w cells and the cell of the cursor. A longer text is scrolled so that the cursor is
// visible.
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
