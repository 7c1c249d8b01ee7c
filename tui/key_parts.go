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

// filter is what a message goes through before the model gets it; nil leaves it out.
type filter = func(tea.Model, tea.Msg) tea.Msg

// keyParts leaves out the rests of sequences that a slow line has torn apart: Bubble Tea reads an ESC to which
// nothing came for 50 ms as the Esc key, and what comes then as text.
type keyParts struct {
	act.Escapes
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
	case act.EscDue:
		if !p.Due(k.N) {
			return nil
		}
		msg = esc
	case tea.PasteMsg:
		due = p.Key()
		p.pasted = time.Time{}
	case tea.KeyPressMsg:
		due, taken = p.Press(k)
	case fmt.Stringer: // an unknown sequence, or its beginning that was torn off: its text is enough to know it by
		if s, err := strconv.Unquote(k.String()); err == nil && len(s) > 1 && s[0] == act.Esc {
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

// Press takes a key: due reports that the Esc key comes before it, taken that it is a part of a sequence or a torn
// paste.
func (p *keyParts) Press(k tea.KeyPressMsg) (due, taken bool) {
	now := p.now()
	if now.Sub(p.pasted) < time.Second {
		p.pasted = now
		return false, true
	}
	due, taken = feedAll(&p.Escapes, runesOf(k), now)
	if p.Held != 0 {
		p.later(act.EscTimeout, act.EscDue{N: p.Held})
	}
	if taken && p.Sequence.Pastes() {
		p.pasted = now
	}
	return due, taken
}

// unknown takes a sequence that Bubble Tea does not know, which may be the first part of one.
func (p *keyParts) unknown(s string) (due bool) {
	due = p.Key()
	if s != consolePrefix { // whose letter consoleKeys takes
		feedAll(&p.Escapes, []rune(s), p.now())
		p.Held = 0
	}
	return due
}

// feedAll feeds what a key is made of; without any it is a whole key.
func feedAll(e *act.Escapes, all []rune, now time.Time) (esc, taken bool) {
	if len(all) == 0 {
		return e.Key(), false
	}
	for _, r := range all {
		before, in := e.Feed(r, now)
		esc, taken = esc || before, in
	}
	return esc, taken
}

// runesOf returns the runes of which Bubble Tea has made a key, where they may be a part of a sequence: ESC, a letter,
// or ESC and the letter that introduces a sequence, which it takes for Alt with that letter.
func runesOf(k tea.KeyPressMsg) []rune {
	switch {
	case k.Code == tea.KeyEscape && k.Mod == 0:
		return []rune{act.Esc}
	case k.Mod&tea.ModAlt != 0 && k.Code == '[':
		return []rune{act.Esc, '['}
	case k.Mod&tea.ModAlt != 0 && k.Mod&tea.ModShift != 0 && k.Code == 'o':
		return []rune{act.Esc, 'O'}
	case utf8.RuneCountInString(k.Text) == 1:
		return []rune(k.Text)
	default:
		return nil
	}
}
