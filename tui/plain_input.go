package tui

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// maxLine is how much of a line is kept, in bytes: the path of a worklist, in letters of which each takes four.
const maxLine = 4 * longestPath

// The bytes that edit a line, or end it. The terminal is raw, so that nothing is shown of a passcode and a line that is
// half typed is known.
const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	ctrlH     = 0x08 // backspace on many terminals
	ctrlR     = 0x12
	ctrlU     = 0x15
	ctrlW     = 0x17
	ctrlZ     = 0x1a
	backspace = 0x7f
)

// input takes what was typed: keys of a passcode, or lines. What came in the same breath as the end of a passcode, or
// as a line that leads to one, is dropped, so that a paste is no more than one try. It overwrites the bytes.
func (l *linear) input(typed []byte) tea.Cmd {
	defer clear(typed)
	var cmds []tea.Cmd
	for _, b := range typed {
		hidden, signed := l.hidden(), l.m.in != nil
		if hidden {
			cmds = append(cmds, l.hiddenByte(b))
		} else {
			cmds = append(cmds, l.visibleByte(b))
		}
		ended := signed && l.m.in == nil
		if l.m.leaving || ended || hidden != l.hidden() || hidden && (b == '\r' || b == '\n') {
			break
		}
	}
	return tea.Batch(cmds...)
}

// hiddenByte takes a byte on the way to a passcode: the key goes where the panes send it, so that the passcode is never
// in a line.
func (l *linear) hiddenByte(b byte) tea.Cmd {
	esc, taken := l.escapes.feed(rune(b), l.m.now())
	var before tea.Cmd
	if esc {
		before = l.take(pressOf("esc"))
	}
	if b == runeEsc {
		return tea.Batch(before, l.later(escTimeout, escMsg{l.escapes.held}))
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
	case b == ctrlU && l.m.pass.Len() > 0: // which only empties
		k = pressOf("esc")
	case b < ' ':
		return before
	default:
		k = tea.KeyPressMsg{Code: rune(b), Text: string(rune(b))}
	}
	return tea.Batch(before, l.take(k))
}

// visibleByte takes a byte of a line. Keys that are no letters leave nothing in it.
func (l *linear) visibleByte(b byte) tea.Cmd {
	m := l.m
	m.lookAtClock()
	again := b == '\n' && l.returned // of a line that ended with both
	l.returned = b == '\r'
	if m.idle() {
		l.drop()
		cmd := m.lockIdle()
		l.tell()
		return cmd
	}
	m.lastKey = m.wall()
	if l.escapes.sequence.Takes(rune(b), m.now()) || again {
		return nil
	}
	switch b {
	case '\r', '\n':
		l.show("\n")
		line := string(l.typed)
		l.drop()
		return l.line(line)
	case ctrlC:
		return l.take(pressOf("ctrl+c"))
	case ctrlD:
		if len(l.typed) == 0 {
			return l.take(pressOf("ctrl+c"))
		}
	case ctrlZ:
		return l.take(pressOf("ctrl+z"))
	case ctrlH, backspace:
		l.erase(l.beforeLast())
	case ctrlU:
		l.erase(0)
	case ctrlW:
		words := bytes.TrimRight(l.typed, " ")
		l.erase(bytes.LastIndexByte(words, ' ') + 1)
	case ctrlR:
		l.show("\n")
		l.asked = ""
		l.prompt()
	case '\t': // between two cells of a spreadsheet
		l.add(' ')
	default:
		if b >= ' ' {
			l.add(b)
		}
	}
	return nil
}

// add adds a byte to the line, and shows the letter that it completes.
func (l *linear) add(b byte) {
	l.m.typed()
	if len(l.typed) >= maxLine {
		return
	}
	before := l.halfLine()
	l.typed = append(l.typed, b)
	if after, found := strings.CutPrefix(l.halfLine(), before); found {
		l.show(after)
	}
}

// halfLine is what has been typed of a line, as it is shown: without a letter of which bytes are still missing.
func (l *linear) halfLine() string {
	whole := l.typed
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

// beforeLast is the length of the line without its last letter and the marks on that.
func (l *linear) beforeLast() int {
	n := len(l.typed)
	for n > 0 {
		r, size := utf8.DecodeLastRune(l.typed[:n])
		if n -= size; !unicode.In(r, unicode.M) {
			break
		}
	}
	return n
}

// erase cuts the line to n bytes, on the terminal too.
func (l *linear) erase(n int) {
	cells := text.Width(l.halfLine())
	clear(l.typed[n:])
	l.typed = l.typed[:n]
	l.show(strings.Repeat("\b \b", max(0, cells-text.Width(l.halfLine()))))
}

// drop forgets a line that is half typed.
func (l *linear) drop() {
	clear(l.typed)
	l.typed = l.typed[:0]
}

// show shows what is typed, where the terminal does not do that itself.
func (l *linear) show(s string) {
	if l.echoes {
		l.write(s)
	}
}
