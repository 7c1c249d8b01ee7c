package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// dialog is what lies over the screen and takes the keys.
type dialog int

// The dialogs.
const (
	noDialog          dialog = iota
	helpDialog               // the keys of this screen
	diagnosticsDialog        // everything between card and hub, live
	quitDialog               // asks before the session is ended
	idleDialog               // warns before the idle lock
)

// pressDialog gives the key to the dialog. A key that dismisses a warning does nothing else.
func (m *model) pressDialog(k tea.KeyPressMsg) tea.Cmd {
	switch m.dialog {
	case quitDialog:
		if key.Matches(k, m.keys.Yes, m.keys.Interrupt) {
			return m.leave()
		}
		if !key.Matches(k, m.keys.Esc) {
			return nil
		}
	case idleDialog:
	case diagnosticsDialog:
		return m.pressDiagnostics(k)
	default:
		if key.Matches(k, m.keys.Interrupt) {
			return m.quit()
		}
		if !key.Matches(k, m.keys.Esc, m.keys.Help, m.keys.Enter, m.keys.Diagnostics) {
			return nil
		}
	}
	m.dialog = noDialog
	return nil
}

// dialogBindings are the keys of the dialog.
func (m *model) dialogBindings() []key.Binding {
	lock := m.global().lock
	switch m.dialog {
	case quitDialog:
		return []key.Binding{m.keys.Yes, as(m.keys.Esc, wordStay), lock}
	case diagnosticsDialog:
		return m.diagnosticsBindings()
	case helpDialog:
		return []key.Binding{as(m.keys.Esc, wordClose), lock}
	case idleDialog:
		return []key.Binding{lock}
	default:
		return nil
	}
}

// question is the line that asks for an answer above the keys; "" where there is none.
func (m *model) question() string {
	switch m.dialog {
	case quitDialog:
		switch {
		case m.flags.inMemory > 0:
			return wordsQuitLoses(m.flags.inMemory, m.in != nil)
		case m.room.losable():
			return wordQuitLosesList
		}
		return wordQuitAsk
	case idleDialog:
		return wordsIdle(m.idleLeft())
	default:
		return ""
	}
}

// help lists the keys that do something on this screen, from the bindings themselves.
func (m *model) help(l layout) pane {
	var rows []string
	for _, b := range m.bindings() {
		if b.Enabled() {
			rows = append(rows, m.th.keycap.Render(text.Pad(b.Help().Key, 12))+b.Help().Desc)
		}
	}
	room := l.body.h - 5
	body := lines(rows...)
	if len(rows) > room || l.wide {
		half := (len(rows) + 1) / 2
		left, _ := halves(l.body.w-6, 2, 50)
		body = beside(lines(rows[:half]...), left, 2, lines(rows[half:]...))
	}
	w := l.body.w
	if !l.wide && len(rows) <= room {
		w = boxWidth(l)
	}
	return m.th.focus(titleHelp, roomy(body), w, 0).centred(l.body.w, l.body.h)
}
