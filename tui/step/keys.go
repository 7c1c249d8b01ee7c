package step

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
)

// Bindings is all key bindings. A screen makes its commands from them, with its own words. The bottom row and the help
// are made from the same commands that handle the keys.
//
// Letters are commands only if no field has the focus. No command has only a function key, because many terminals use
// those themselves. Ctrl with A, B, H, I, M, Q or S is not used: tmux, screen, flow control and the terminal use them.
type Bindings struct {
	Enter, Esc, Next, Prev       key.Binding
	Up, Down, PageUp, PageDown   key.Binding
	Left, Right, Home, End       key.Binding
	Open, Again, Patient, Find   key.Binding
	Flag, Remove                 key.Binding
	Help, Diagnostics, Worklist  key.Binding
	Browser                      key.Binding // on the card screens
	Reports                      key.Binding
	Sort, Other                  key.Binding // on the worklist
	Save                         key.Binding // the worklist, or the receipt
	Lock, Quit, Interrupt        key.Binding
	Suspend, Yes, Number, Scroll key.Binding
	Print, Receipt               key.Binding
	Summary                      key.Binding // on the patient
	More, Wider                  key.Binding
	Empty                        key.Binding // in a field
}

// DiagnosticsInField opens the diagnostics while a field has the focus, where the letter would be text.
const DiagnosticsInField = "ctrl+t"

// Bind returns a binding of the keys with these names. help is the key as shown, and does is the text of the command.
func Bind(help, does string, names ...string) key.Binding {
	return key.NewBinding(key.WithKeys(names...), key.WithHelp(help, does))
}

// DefaultKeys returns the default key bindings.
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
		Browser:     Bind("Ctrl-O", WordBrowser, "ctrl+o"),
		Worklist:    Bind("w", wordWorklist, "w"),
		Reports:     Bind("v", WordReports, "v"),
		Sort:        Bind("s", wordSort, "s"),
		Other:       Bind("l", wordOtherList, "l"),
		Save:        Bind("e", wordSave, "e"),
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
		Summary:     Bind("s", WordSummary, "s"),
		Empty:       Bind("Ctrl-U", wordEmptyField, "ctrl+u"),
	}
}

// As returns b with another text for the command.
func As(b key.Binding, does string) key.Binding {
	b.SetHelp(b.Help().Key, does)
	return b
}

// When returns b, enabled if works is true.
func When(b key.Binding, works bool) key.Binding {
	b.SetEnabled(works)
	return b
}

// Foot returns the bottom row: the commands that fit into w cells, in order, and always the help. Second keys for the
// same command, suspending, and emptying a field are listed in the help only.
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
