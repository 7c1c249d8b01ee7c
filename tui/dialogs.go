package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// dialog is what lies over the screen and takes the keys.
type dialog int

// The dialogs.
const (
	noDialog          dialog = iota
	helpDialog               // the keys of this screen
	diagnosticsDialog        // readers and card, live
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
	switch m.dialog {
	case quitDialog:
		return []key.Binding{m.keys.Yes, as(m.keys.Esc, wordStay)}
	case helpDialog, diagnosticsDialog:
		return []key.Binding{as(m.keys.Esc, wordClose)}
	default:
		return nil
	}
}

// question is the line that asks for an answer above the keys; "" where there is none.
func (m *model) question() string {
	switch m.dialog {
	case quitDialog:
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

// diagnostics is what support asks for about readers and card. It follows what happens.
func (m *model) diagnostics(l layout) pane {
	w := l.body.w - 6
	var all []pane
	switch {
	case m.readers.service != nil:
		all = append(all, m.th.faultPane(m.readers.service, w))
	case len(m.readers.list) == 0:
		all = append(all, m.th.entry(wordReader, wordNone))
	}
	for _, r := range m.readers.list {
		all = append(all, m.th.entries(wordReader, text.Clean(r.Name, 0), w), m.th.entries("", m.readerState(r.Name), w))
	}
	all = append(all, gap(1))
	if m.reader != "" && m.card.Reader != "" {
		all = append(all, m.cardFacts(w), gap(1))
	}
	all = append(all, m.lastError(w), m.th.entry(wordVersion, orNone(m.cfg.Version)))
	return stack(gap(1), m.th.focus(titleDiagnostics, roomy(stack(all...)), l.body.w, 0))
}

// readerState is what is in a reader, in words.
func (m *model) readerState(name string) string {
	if err := m.readers.unreadable[name]; err != nil {
		sentence, _, code := told(err)
		return sentence + " (" + code + ")"
	}
	for _, c := range m.readers.present {
		if c.reader == name {
			return wordsCardIn(fmt.Sprintf("% X", c.atr))
		}
	}
	return wordNoCardIn
}

// cardFacts is what was read ahead of the passcode.
func (m *model) cardFacts(w int) pane {
	c := m.card
	tries := wordNotTold
	if c.Tries >= 0 {
		tries = fmt.Sprint(c.Tries)
	}
	return stack(
		m.th.entries(wordDriver, orNone(c.Driver)+", "+orNone(c.KeyKind), w),
		m.th.entries(wordUUID, orNone(c.UUID), w),
		m.th.entries(wordCertificate, nhs.DateOf(c.Ends.In(m.loc)).String()+", "+wordIssuer+" "+orNone(text.Clean(c.Issuer, 0)), w),
		m.th.entry(wordTriesLeft, tries))
}

// lastError is the last failure of reader, card or sign-in.
func (m *model) lastError(w int) pane {
	if m.readers.lastErr == nil {
		return m.th.entry(wordLastError, wordNone)
	}
	sentence, _, code := told(m.readers.lastErr)
	return m.th.entries(wordLastError, m.readers.lastErrAt.Format("15:04")+" "+sentence+" ("+code+")", w)
}

func orNone(s string) string {
	if strings.TrimSpace(s) == "" {
		return wordNone
	}
	return s
}
