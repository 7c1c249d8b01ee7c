package tui

import (
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"wardlight/tui/act"
	"wardlight/tui/shell"
)

// escTimeout is how long the Esc key is held back, after the 50 ms that Bubble Tea holds it back: until it is known not
// to be the first byte of another key, whose rest a slow line brings later. Long enough for a line that stutters, short
// enough for a person.
const escTimeout = 200 * time.Millisecond

const runeEsc = 0x1b

// escMsg is the end of the wait for what follows an ESC; n is its number.
type escMsg struct{ n int }

// escapes knows an ESC that is the Esc key from one that a slow line has torn off the sequence of another key.
type escapes struct {
	sequence act.Sequence
	held     int // the number of the ESC that is held back; 0 for none
	last     int
}

// feed takes the next rune. esc reports that the ESC that was held back is the Esc key, which comes before the rune;
// taken reports that the rune belongs to a sequence, or is an ESC that is held back now.
func (e *escapes) feed(r rune, now time.Time) (esc, taken bool) {
	held := e.held != 0
	e.held = 0
	taken = e.sequence.Takes(r, now)
	if r == runeEsc {
		e.last++
		e.held = e.last
		return held, true
	}
	return held && !taken, taken
}

// key takes another key, which is no part of a sequence, and reports whether the Esc key comes before it.
func (e *escapes) key() (esc bool) {
	esc = e.held != 0
	e.held = 0
	e.sequence.Reset()
	return esc
}

// due reports whether the ESC with that number is the Esc key, as nothing followed it.
func (e *escapes) due(n int) bool {
	if n == 0 || n != e.held {
		return false
	}
	e.held = 0
	return true
}

// filter is what a message goes through before the model gets it; nil leaves it out.
type filter = func(tea.Model, tea.Msg) tea.Msg

// keyParts leaves out the rests of sequences that a slow line has torn apart: Bubble Tea reads an ESC to which nothing came
// for 50 ms as the Esc key, and what comes then as text.
type keyParts struct {
	escapes
	pasted time.Time // when something last came of a paste whose beginning was torn

	now   func() time.Time
	later func(time.Duration, tea.Msg) // sends a message after a while
	next  filter
}

// wholeKeys returns keyParts as a filter before another one.
func wholeKeys(now func() time.Time, later func(time.Duration, tea.Msg), next filter) filter {
	p := &keyParts{now: now, later: later, next: next}
	return p.filter
}

func (p *keyParts) filter(m tea.Model, msg tea.Msg) tea.Msg {
	esc := tea.KeyPressMsg{Code: tea.KeyEscape}
	due, taken := false, false
	switch k := msg.(type) {
	case escMsg:
		if !p.due(k.n) {
			return nil
		}
		msg = esc
	case tea.PasteMsg:
		due = p.key()
		p.pasted = time.Time{}
	case tea.KeyPressMsg:
		due, taken = p.Press(k)
	case fmt.Stringer: // an unknown sequence, or its beginning that was torn off: its text is enough to know it by
		if s, err := strconv.Unquote(k.String()); err == nil && len(s) > 1 && s[0] == runeEsc {
			due = p.unknown(s)
		}
	}
	if taken {
		msg = nil
	} else {
		msg = p.next(m, msg)
	}
	switch {
	case !due:
		return msg
	case msg == nil:
		return esc
	default:
		return shell.InOrderMsg{First: esc, Then: msg}
	}
}

// Press takes a key: due reports that the Esc key comes before it, taken that it is a part of a sequence or a torn paste.
func (p *keyParts) Press(k tea.KeyPressMsg) (due, taken bool) {
	now := p.now()
	if now.Sub(p.pasted) < time.Second {
		p.pasted = now
		return false, true
	}
	due, taken = feedAll(&p.escapes, runesOf(k), now)
	if p.held != 0 {
		p.later(escTimeout, escMsg{p.held})
	}
	if taken && p.sequence.Pastes() {
		p.pasted = now
	}
	return due, taken
}

// unknown takes a sequence that Bubble Tea does not know, which may be the first part of one.
func (p *keyParts) unknown(s string) (due bool) {
	due = p.key()
	if s != consolePrefix { // whose letter consoleKeys takes
		feedAll(&p.escapes, []rune(s), p.now())
		p.held = 0
	}
	return due
}

// feedAll feeds what a key is made of; without any it is a whole key.
func feedAll(e *escapes, all []rune, now time.Time) (esc, taken bool) {
	if len(all) == 0 {
		return e.key(), false
	}
	for _, r := range all {
		before, in := e.feed(r, now)
		esc, taken = esc || before, in
	}
	return esc, taken
}

// runesOf returns the runes of which Bubble Tea has made a key, where they may be a part of a sequence: ESC, a letter,
// or ESC and the letter that introduces a sequence, which it takes for Alt with that letter.
func runesOf(k tea.KeyPressMsg) []rune {
	switch {
	case k.Code == tea.KeyEscape && k.Mod == 0:
		return []rune{runeEsc}
	case k.Mod&tea.ModAlt != 0 && k.Code == '[':
		return []rune{runeEsc, '['}
	case k.Mod&tea.ModAlt != 0 && k.Mod&tea.ModShift != 0 && k.Code == 'o':
		return []rune{runeEsc, 'O'}
	case utf8.RuneCountInString(k.Text) == 1:
		return []rune(k.Text)
	default:
		return nil
	}
}
