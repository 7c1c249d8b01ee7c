package step

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
)

// Bindings is every key there is. A screen makes its commands from those that do something now, with their words for
// this place; what the foot and the help show comes from the same commands that decide what a key does.
//
// Letters are commands only where no field has the focus. No key is a function key alone: many terminals keep those for
// themselves. No key is Ctrl with A, B, H, I, M, Q or S: tmux, screen, flow control and the terminal itself take them.
type Bindings struct {
	Enter, Esc, Next, Prev       key.Binding
	Up, Down, PageUp, PageDown   key.Binding
	Left, Right, Home, End       key.Binding
	Open, Again, Patient, Find   key.Binding
	Flag, Remove                 key.Binding
	Help, Diagnostics, Worklist  key.Binding
	Sort, Other, Save            key.Binding // of the worklist
	Lock, Quit, Interrupt        key.Binding
	Suspend, Yes, Number, Scroll key.Binding
	Print, Receipt               key.Binding
	More, Wider                  key.Binding
	Empty                        key.Binding // of a field
}

// DiagnosticsInField opens the diagnostics while a field has the focus, where the letter is text.
const DiagnosticsInField = "ctrl+t"

// Bind returns the binding of the keys with these names; help is the key as it is shown, does what it does.
func Bind(help, does string, names ...string) key.Binding {
	return key.NewBinding(key.WithKeys(names...), key.WithHelp(help, does))
}

// DefaultKeys returns the one table of keys.
func DefaultKeys() Bindings {
	return Bindings{
		Enter:       Bind("Enter", wordGoOn, "enter"),
		Esc:         Bind("Esc", wordBack, "esc"),
		Next:        Bind("Tab", wordNextField, "tab"),
		Prev:        Bind("Shift-Tab", wordPrevField, "shift+tab"),
		Up:          Bind("↑", wordUp, "up"),
		Down:        Bind("↓", wordDown, "down"),
		PageUp:      Bind("PgUp", wordPageUp, "pgup"),
		PageDown:    Bind("PgDn", wordPageDown, "pgdown"),
		Left:        Bind("←", wordLeft, "left"),
		Right:       Bind("→", wordRight, "right"),
		Home:        Bind("Home", wordFirst, "home"),
		End:         Bind("End", wordLast, "end"),
		Open:        Bind("o", WordOpen, "o"),
		Flag:        Bind("f", wordFlag, "f"),
		Remove:      Bind("x", WordRemove, "x"),
		Again:       Bind("r", wordAgain, "r"),
		Patient:     Bind("n", wordNextPatient, "n"),
		Find:        Bind("/", wordFind, "/"),
		Help:        Bind("?", WordHelp, "?", "f1"),
		Diagnostics: Bind("d", WordDiagnostics, "d", DiagnosticsInField),
		Worklist:    Bind("w", wordWorklist, "w"),
		Sort:        Bind("s", wordSort, "s"),
		Other:       Bind("l", wordOtherList, "l"),
		Save:        Bind("e", wordSaveTable, "e"),
		Lock:        Bind("Ctrl-L", WordLock, "ctrl+l"),
		Quit:        Bind("q", wordQuit, "q"),
		Interrupt:   Bind("Ctrl-C", wordQuit, "ctrl+c"),
		Suspend:     Bind("Ctrl-Z", wordSuspend, "ctrl+z"),
		Yes:         Bind("y", wordYesQuit, "y"),
		Number:      Bind("1-9", WordTakeRole, "1", "2", "3", "4", "5", "6", "7", "8", "9"),
		More:        Bind("Ctrl-E", wordMoreFields, "ctrl+e"),
		Wider:       Bind("Ctrl-F", WordSearchWider, "ctrl+f"),
		Scroll:      Bind("↑ ↓", WordScroll, "up", "down"),
		Print:       Bind("p", wordPrint, "p"),
		Receipt:     Bind("c", wordReceipt, "c"),
		Empty:       Bind("Ctrl-U", wordEmptyField, "ctrl+u"),
	}
}

// As returns the key with other words for what it does here.
func As(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}

// When returns the key, disabled unless it does something now.
func When(b key.Binding, works bool) key.Binding {
	b.SetEnabled(works)
	return b
}

// Foot returns the line of keys at the bottom: as many as fit, in their order, and the help always. A second key for
// the same thing, the way to the shell and the key that empties a field are left to the help.
func Foot(t draw.Styles, commands []act.Command, w int) string {
	const between = "   "
	size := func(c act.Command) int { return text.Width(c.Key) + 1 + text.Width(c.Does) }
	draw := func(c act.Command) string { return t.Keycap.Render(c.Key) + " " + c.Does }
	help := slices.IndexFunc(commands, func(c act.Command) bool { return Shown(c) && c.Does == WordHelp })
	if help >= 0 {
		w -= size(commands[help]) + len(between)
	}
	var drawn []string
	known := map[string]bool{WordHelp: true, wordSuspend: true, wordEmptyField: true}
	for _, c := range commands {
		if !Shown(c) || known[c.Does] {
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
