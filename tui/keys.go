package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// keys is every key there is. A screen takes from it those that do something now, with their words for this place; what
// the foot and the help show comes from the same values that decide what a key does.
//
// Letters are commands only where no field has the focus. No key is a function key alone: many terminals keep those for
// themselves. No key is Ctrl with A, B, H, I, M, Q or S: tmux, screen, flow control and the terminal itself take them.
type keys struct {
	Enter, Esc, Next, Prev       key.Binding
	Up, Down, PageUp, PageDown   key.Binding
	Left, Right, Home, End       key.Binding
	Open, Again, Patient, Find   key.Binding
	Help, Diagnostics            key.Binding
	Lock, Quit, Interrupt        key.Binding
	Suspend, Yes, Number, Scroll key.Binding
}

func bind(help, does string, names ...string) key.Binding {
	return key.NewBinding(key.WithKeys(names...), key.WithHelp(help, does))
}

// theKeys is the one table of keys.
func theKeys() keys {
	return keys{
		Enter:       bind("Enter", wordGoOn, "enter"),
		Esc:         bind("Esc", wordBack, "esc"),
		Next:        bind("Tab", wordNextField, "tab"),
		Prev:        bind("Shift-Tab", wordPrevField, "shift+tab"),
		Up:          bind("↑", wordUp, "up"),
		Down:        bind("↓", wordDown, "down"),
		PageUp:      bind("PgUp", wordPageUp, "pgup"),
		PageDown:    bind("PgDn", wordPageDown, "pgdown"),
		Left:        bind("←", wordLeft, "left"),
		Right:       bind("→", wordRight, "right"),
		Home:        bind("Home", wordFirst, "home"),
		End:         bind("End", wordLast, "end"),
		Open:        bind("o", wordOpen, "o"),
		Again:       bind("r", wordAgain, "r"),
		Patient:     bind("n", wordNextPatient, "n"),
		Find:        bind("/", wordFind, "/"),
		Help:        bind("?", wordHelp, "?", "f1"),
		Diagnostics: bind("d", wordDiagnostics, "d"),
		Lock:        bind("Ctrl-L", wordLock, "ctrl+l"),
		Quit:        bind("q", wordQuit, "q"),
		Interrupt:   bind("Ctrl-C", wordQuit, "ctrl+c"),
		Suspend:     bind("Ctrl-Z", wordSuspend, "ctrl+z"),
		Yes:         bind("y", wordYesQuit, "y"),
		Number:      bind("1-9", wordTakeRole, "1", "2", "3", "4", "5", "6", "7", "8", "9"),
		Scroll:      bind("↑ ↓", wordScroll, "up", "down"),
	}
}

// as is the key with other words for what it does here.
func as(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}

// when is the key, disabled unless it does something now.
func when(b key.Binding, works bool) key.Binding {
	b.SetEnabled(works)
	return b
}

// functional reports whether the press is no letter: those work in a field, too.
func functional(k tea.KeyPressMsg) bool { return k.Text == "" }

// foot is the line of keys at the bottom: as many as fit, in their order, and the help always.
func foot(t theme, bindings []key.Binding, w int) string {
	const between = "   "
	var line string
	var last *key.Binding
	used := 0
	draw := func(b key.Binding) (string, int) {
		h := b.Help()
		return t.keycap.Render(h.Key) + " " + h.Desc, len([]rune(h.Key)) + 1 + len([]rune(h.Desc))
	}
	reserve := 0
	for i := range bindings {
		if bindings[i].Enabled() && bindings[i].Help().Desc == wordHelp {
			last = &bindings[i]
			_, n := draw(*last)
			reserve = n + len(between)
		}
	}
	for _, b := range bindings {
		if !b.Enabled() || b.Help().Desc == wordHelp {
			continue
		}
		s, n := draw(b)
		if used+n+len(between)+reserve > w {
			break
		}
		line += s + between
		used += n + len(between)
	}
	if last != nil {
		s, _ := draw(*last)
		line += s
	}
	return line
}
