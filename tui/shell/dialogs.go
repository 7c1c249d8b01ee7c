package shell

import (
	"slices"

	"charm.land/bubbles/v2/key"

	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/report"
	"wardlight/tui/step"
)

// Dialog is a dialog over the screen. It receives the keys.
type Dialog int

// The dialogs.
const (
	NoDialog          Dialog = iota
	HelpDialog               // the keys of this screen
	DiagnosticsDialog        // card, reader and hub, updated while shown
	QuitDialog               // asks for confirmation before the session ends
	IdleDialog               // warns before the idle lock
)

// dialogCommands returns the commands of the current dialog.
func (m *Model) dialogCommands() []act.Command {
	closes := func(b key.Binding, more ...key.Binding) act.Command {
		c := step.Command(b, step.Effect(actCloseDialog{}))
		for _, other := range more {
			c.Keys = slices.Concat(c.Keys, other.Keys())
		}
		return c
	}

	k := &m.Keys
	interrupt := step.Wordless(m.global().interrupt)
	switch m.Dialog {
	case QuitDialog:
		interrupt.Do = step.Effect(actLeave{})
		interrupt = m.Delayed(interrupt, m.ShownAt) // a held key must not confirm
		return []act.Command{step.Command(k.Yes, step.Effect(actLeave{})), closes(step.As(k.Esc, wordStay)), interrupt}
	case DiagnosticsDialog:
		all := append([]act.Command{closes(step.As(k.Esc, wordClose), k.Help, k.Enter, k.Diagnostics)},
			m.Updown(report.WordPickLine, true, m.Report.Pick)...)
		again := step.Command(step.When(step.As(k.Again, report.WordHubAgain), m.Cfg.Probe != nil),
			step.Effect(actProbe{}))
		return append(all, again, interrupt)
	case HelpDialog:
		return []act.Command{closes(step.As(k.Esc, wordClose), k.Help, k.Enter, k.Diagnostics), interrupt}
	default: // any key dismisses the warning before the idle lock
		return nil
	}
}

// Question returns the question shown above the keys, or "".
func (m *Model) Question() string {
	switch m.Dialog {
	case QuitDialog:
		switch {
		case m.Flags.InMemory > 0:
			return wordsQuitLoses(m.Flags.InMemory, m.In != nil)
		case m.UnderWay.any():
			return wordsQuitUnderWay(m.UnderWay, m.In != nil)
		case m.Worklist.WouldLose():
			return wordQuitLosesList
		case m.In == nil:
			return WordQuitSigningIn
		}
		return wordQuitAsk
	case IdleDialog:
		return wordsIdle(m.IdleLeft())
	default:
		return ""
	}
}

// help lists the keys of this screen. It is generated from the key bindings.
func (m *Model) help(l draw.Layout) draw.Pane {
	var rows []string
	for _, c := range m.screenCommands() {
		if row := m.Styles.Keycap.Render(text.Pad(c.Key, 12)) + c.Does; step.Shown(c) && !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	avail := l.Body.H - 5
	body := draw.Lines(rows...)
	if len(rows) > avail || l.Wide {
		half := (len(rows) + 1) / 2
		left, _ := draw.Halves(l.Body.W-6, 2, 50)
		body = draw.Beside(draw.Lines(rows[:half]...), left, 2, draw.Lines(rows[half:]...))
	}
	w := l.Body.W
	if !l.Wide && len(rows) <= avail {
		w = step.BoxWidth(l)
	}
	return m.Styles.Focus(titleHelp, step.Padded(body), w, 0).Centred(l.Body.W, l.Body.H)
}
