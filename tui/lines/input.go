package lines

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/step"
	"wardlight/tui/worklist"
)

// maxLine is the maximum length of a line, in bytes: a worklist path of characters of four bytes each.
const maxLine = 4 * worklist.MaxPathLength

// The bytes that edit or end a line. The terminal is in raw mode, so that a passcode isn't echoed and a partly typed
// line is known.
const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	ctrlH     = 0x08 // Backspace on many terminals
	ctrlO     = 0x0f
	ctrlR     = 0x12
	ctrlT     = 0x14
	ctrlU     = 0x15
	ctrlW     = 0x17
	ctrlZ     = 0x1a
	backspace = 0x7f
)

// Input handles typed bytes, which are keys of a passcode or lines. Bytes that arrived together with the end of a
// passcode, or with a line that leads to one, are dropped, so that a paste uses up no more than one try. It overwrites
// typed.
func (l *Linear) Input(typed []byte) tea.Cmd {
	defer clear(typed)
	var cmds []tea.Cmd
	for _, b := range typed {
		hidden, signed := l.hidden(), l.M.In != nil
		if hidden {
			cmds = append(cmds, l.hiddenByte(b))
		} else {
			cmds = append(cmds, l.visibleByte(b))
		}
		ended := signed && l.M.In == nil
		if l.M.Leaving || ended || hidden != l.hidden() || hidden && (b == '\r' || b == '\n') {
			break
		}
	}
	return tea.Batch(cmds...)
}

// hiddenByte handles a byte while a passcode is asked for. Each byte is passed to the model as a key, so that the
// passcode is never stored in a line.
func (l *Linear) hiddenByte(b byte) tea.Cmd {
	esc, taken := l.escapes.Feed(rune(b), l.M.Now())
	var before tea.Cmd
	if esc {
		before = l.Take(pressOf("esc"))
	}

	if b == act.Esc {
		return tea.Batch(before, l.Later(act.EscTimeout, act.EscDue{N: l.escapes.Pending}))
	}
	if taken {
		return before
	}

	var k tea.KeyPressMsg
	switch {
	case b == '\r' || b == '\n':
		k.Code = tea.KeyEnter
		l.write("\n")
		l.asked = ""
	case b == backspace || b == ctrlH:
		k.Code = tea.KeyBackspace
	case b == ctrlC || b == ctrlD:
		k = pressOf("ctrl+c")
	case b == ctrlZ:
		k = pressOf("ctrl+z")
	case b == ctrlO:
		k = pressOf(l.M.Keys.Browser.Keys()[0])
	case b == ctrlT:
		k = pressOf(step.DiagnosticsInField)
	case b == ctrlU && l.M.Pass.Len() > 0: // only clears the passcode
		k = pressOf("esc")
	case b < ' ':
		return before
	default:
		k = tea.KeyPressMsg{Code: rune(b), Text: string(rune(b))}
	}

	return tea.Batch(before, l.Take(k))
}

// visibleByte handles a byte of a line. Escape sequences of keys add nothing to the line.
func (l *Linear) visibleByte(b byte) tea.Cmd {
	m := l.M
	m.NoteClock()
	again := b == '\n' && l.returned // the second byte of a \r\n
	l.returned = b == '\r'
	if m.Idle() {
		l.Drop()
		cmd := m.LockIdle()
		l.PrintNew()
		return cmd
	}

	m.LastKey = m.WallTime()
	if l.escapes.Sequence.Consume(rune(b), m.Now()) || again {
		return nil
	}

	switch b {
	case '\r', '\n':
		l.Show("\n")
		line := string(l.Typed)
		l.Drop()
		return l.Line(line)
	case ctrlC:
		return l.Take(pressOf("ctrl+c"))
	case ctrlD:
		if len(l.Typed) == 0 {
			return l.Take(pressOf("ctrl+c"))
		}
	case ctrlZ:
		return l.Take(pressOf("ctrl+z"))
	case ctrlO:
		return l.Take(pressOf(m.Keys.Browser.Keys()[0]))
	case ctrlH, backspace:
		l.erase(l.beforeLast())
	case ctrlU:
		l.erase(0)
	case ctrlW:
		words := bytes.TrimRight(l.Typed, " ")
		l.erase(bytes.LastIndexByte(words, ' ') + 1)
	case ctrlR:
		l.Show("\n")
		l.asked = ""
		l.prompt()
	case '\t': // separates copied cells of a spreadsheet
		l.add(' ')
	default:
		if b >= ' ' {
			l.add(b)
		}
	}

	return nil
}

// add appends a byte to the line, and echoes the character once it is complete.
func (l *Linear) add(b byte) {
	l.M.NoteTyped()
	if len(l.Typed) >= maxLine {
		return
	}
	before := l.partialLine()
	l.Typed = append(l.Typed, b)
	if after, found := strings.CutPrefix(l.partialLine(), before); found {
		l.Show(after)
	}
}

// partialLine returns the line so far as it is shown, without an incomplete character at its end.
func (l *Linear) partialLine() string {
	whole := l.Typed
	for n := 1; n < utf8.UTFMax && n <= len(whole); n++ {
		if tail := whole[len(whole)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				whole = whole[:len(whole)-n]
			}
			break
		}
	}
	return text.Clean(string(whole), maxLine)
}

// beforeLast returns the length of the line without its last character and that character's combining marks.
func (l *Linear) beforeLast() int {
	n := len(l.Typed)
	for n > 0 {
		r, size := utf8.DecodeLastRune(l.Typed[:n])
		if n -= size; !unicode.In(r, unicode.M) {
			break
		}
	}
	return n
}

// erase truncates the line to n bytes, on the terminal too.
func (l *Linear) erase(n int) {
	cells := text.Width(l.partialLine())
	clear(l.Typed[n:])
	l.Typed = l.Typed[:n]
	l.Show(strings.Repeat("\b \b", max(0, cells-text.Width(l.partialLine()))))
}

// Drop drops a partly typed line.
func (l *Linear) Drop() {
	clear(l.Typed)
	l.Typed = l.Typed[:0]
}

// Show echoes typed text, unless the terminal does.
func (l *Linear) Show(s string) {
	if l.Echoes {
		l.write(s)
	}
}
