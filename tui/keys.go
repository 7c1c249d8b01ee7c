package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
)

// bindings is every key there is. A screen makes its commands from those that do something now, with their words for this place; what
// the foot and the help show comes from the same commands that decide what a key does.
//
// Letters are commands only where no field has the focus. No key is a function key alone: many terminals keep those for
// themselves. No key is Ctrl with A, B, H, I, M, Q or S: tmux, screen, flow control and the terminal itself take them.
type bindings struct {
	Enter, Esc, Next, Prev       key.Binding
	Up, Down, PageUp, PageDown   key.Binding
	Left, Right, Home, End       key.Binding
	Open, Again, Patient, Find   key.Binding
	Flag, Remove                 key.Binding
	Help, Diagnostics, Worklist  key.Binding
	Sort, Other                  key.Binding // of the worklist
	Lock, Quit, Interrupt        key.Binding
	Suspend, Yes, Number, Scroll key.Binding
	Print, Receipt               key.Binding
	More, Wider                  key.Binding
}

func bind(help, does string, names ...string) key.Binding {
	return key.NewBinding(key.WithKeys(names...), key.WithHelp(help, does))
}

// theKeys is the one table of keys.
func theKeys() bindings {
	return bindings{
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
		Flag:        bind("f", wordFlag, "f"),
		Remove:      bind("x", wordRemove, "x"),
		Again:       bind("r", wordAgain, "r"),
		Patient:     bind("n", wordNextPatient, "n"),
		Find:        bind("/", wordFind, "/"),
		Help:        bind("?", wordHelp, "?", "f1"),
		Diagnostics: bind("d", wordDiagnostics, "d"),
		Worklist:    bind("w", wordWorklist, "w"),
		Sort:        bind("s", wordSort, "s"),
		Other:       bind("l", wordOtherList, "l"),
		Lock:        bind("Ctrl-L", wordLock, "ctrl+l"),
		Quit:        bind("q", wordQuit, "q"),
		Interrupt:   bind("Ctrl-C", wordQuit, "ctrl+c"),
		Suspend:     bind("Ctrl-Z", wordSuspend, "ctrl+z"),
		Yes:         bind("y", wordYesQuit, "y"),
		Number:      bind("1-9", wordTakeRole, "1", "2", "3", "4", "5", "6", "7", "8", "9"),
		More:        bind("Ctrl-E", wordMoreFields, "ctrl+e"),
		Wider:       bind("Ctrl-F", wordSearchWider, "ctrl+f"),
		Scroll:      bind("↑ ↓", wordScroll, "up", "down"),
		Print:       bind("p", wordPrint, "p"),
		Receipt:     bind("c", wordReceipt, "c"),
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

// foot is the line of keys at the bottom: as many as fit, in their order, and the help always. A second key for the same
// thing, and the way to the shell, are left to the help.
func foot(t draw.Styles, commands []act.Command, w int) string {
	const between = "   "
	size := func(c act.Command) int { return text.Width(c.Key) + 1 + text.Width(c.Does) }
	draw := func(c act.Command) string { return t.Keycap.Render(c.Key) + " " + c.Does }
	help := slices.IndexFunc(commands, func(c act.Command) bool { return shown(c) && c.Does == wordHelp })
	if help >= 0 {
		w -= size(commands[help]) + len(between)
	}
	var drawn []string
	known := map[string]bool{wordHelp: true, wordSuspend: true}
	for _, c := range commands {
		if !shown(c) || known[c.Does] {
			continue
		}
		if w -= size(c) + len(between); w < -len(between) {
			break
		}
		known[c.Does] = true
		drawn = append(drawn, draw(c))
	}
	if help >= 0 {
		drawn = append(drawn, draw(commands[help]))
	}
	return strings.Join(drawn, between)
}
