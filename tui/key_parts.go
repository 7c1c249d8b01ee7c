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

// filter is the type of a Bubble Tea filter: it returns the message that the model receives, or nil to drop it.
type filter = func(tea.Model, tea.Msg) tea.Msg

// splitKeys drops the remaining parts of escape sequences that a slow line has split. Bubble Tea reads an ESC that is
// followed by nothing for 50 ms as the Esc key, and the following parts as text.
type splitKeys struct {
	act.Escapes
	pasted time.Time // when the last part arrived of a paste whose start was split

	now   func() time.Time
	later func(time.Duration, tea.Msg) // sends a message after a delay
	next  filter
}

// joinKeys returns a filter that drops the parts of split sequences, and then applies next.
func joinKeys(now func() time.Time, later func(time.Duration, tea.Msg), next filter) filter {
	p := &splitKeys{now: now, later: later, next: next}
	return p.filter
}

func (p *splitKeys) filter(m tea.Model, msg tea.Msg) tea.Msg {
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
	case fmt.Stringer: // an unknown sequence, or the start of a split one; its type isn't exported
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

// Press handles a key press. It reports whether an Esc key is to be sent before it (due), and whether it is part of an
// escape sequence or a split paste and must be dropped (taken).
func (p *splitKeys) Press(k tea.KeyPressMsg) (due, taken bool) {
	now := p.now()
	if now.Sub(p.pasted) < time.Second {
		p.pasted = now
		return false, true
	}
	due, taken = feedAll(&p.Escapes, runesOf(k), now)
	if p.Pending != 0 {
		p.later(act.EscTimeout, act.EscDue{N: p.Pending})
	}
	if taken && p.Sequence.StartsPaste() {
		p.pasted = now
	}
	return due, taken
}

// unknown handles a sequence that Bubble Tea does not know, which may be the first part of a split one. It reports
// whether an Esc key is to be sent before it.
func (p *splitKeys) unknown(s string) (due bool) {
	due = p.Key()
	if s != consolePrefix { // consoleKeys handles the letter that follows this prefix
		feedAll(&p.Escapes, []rune(s), p.now())
		p.Pending = 0
	}
	return due
}

// feedAll feeds the runes of a key press to e. Without runes, the press is a whole key.
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

// runesOf returns the runes that the terminal sent for k if they may be part of an escape sequence: ESC, one
// character, or ESC with the character that introduces a sequence, which Bubble Tea reads as Alt with that character.
// It returns nil for other keys.
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
