package lines

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/tui/act"
	"wardlight/tui/alert"
	"wardlight/tui/card"
	"wardlight/tui/find"
	"wardlight/tui/flags"
	"wardlight/tui/patient"
	"wardlight/tui/privacy"
	"wardlight/tui/shell"
	"wardlight/tui/step"
	"wardlight/tui/summary"
	"wardlight/tui/worklist"
)

// command carries out the command whose words begin with line. It needs at least the whole first word.
func (l *Linear) command(line string) tea.Cmd {
	words := strings.ToLower(line)
	if words == "" {
		return nil
	}

	if s, ok := l.M.Top().(*patient.Screen); ok && l.M.Dialog == shell.NoDialog && s.Opened == nil {
		first, digits, _ := strings.Cut(words, " ")
		switch why := s.OpenCommand().Why; {
		case first != wordPlainOpenWord:
		case s.CanOpen():
			return l.openLine(s, strings.TrimSpace(digits))
		case why != "":
			l.Say(why)
			return nil
		}
	}

	fitting := l.fitting(words)
	switch {
	case words == step.WordHelp:
		l.help()
	case words == wordPlainRepeat:
		l.shown = nil
	case len(fitting) == 1:
		if fitting[0].Keys[0] == l.M.Keys.Sort.Keys()[0] {
			l.shown = nil // the order of the lines has changed, so print them all
		}
		if _, paged := l.M.Top().(*summary.Pane); paged {
			l.shown = nil // a line of this page may be on the next one, too
		}
		cmd := l.Do(fitting[0])
		if s, ok := l.M.Top().(*find.Form); ok && fitting[0].Keys[0] == l.M.Keys.Wider.Keys()[0] {
			l.shown = nil
			l.askWrong(s, true)
		}
		return cmd
	case len(fitting) > 1:
		l.Say(wordsPlainWhich(does(fitting)))
	case words == wordPlainBack:
		l.Say(wordPlainNoBack)
	case l.why(words) != "":
		l.Say(l.why(words))
	default:
		l.Say(wordsPlainUnknown(line, l.slash()))
	}

	return nil
}

// fitting returns the commands that words may name.
func (l *Linear) fitting(words string) []act.Command {
	var out []act.Command
	for _, c := range l.Commands() {
		does := strings.ToLower(c.Does)
		if does == words {
			return []act.Command{c}
		}
		back := words == wordPlainBack && slices.Contains(c.Keys, "esc")
		if back || strings.HasPrefix(does+" ", words+" ") {
			out = append(out, c)
		}
	}
	return out
}

// why returns why the command that words name is not available now. It returns "" if there is no such command or no
// reason.
func (l *Linear) why(words string) string {
	for _, c := range l.M.Commands() {
		if !c.Ready && strings.HasPrefix(strings.ToLower(c.Does)+" ", words+" ") {
			return c.Why
		}
	}
	return ""
}

// names reports whether words name a command.
func (l *Linear) names(words string) bool {
	words = strings.ToLower(words)
	return words == "" || words == step.WordHelp || words == wordPlainRepeat || len(l.fitting(words)) > 0
}

// Commands returns the available commands that have words, without duplicates and without the excluded keys.
func (l *Linear) Commands() []act.Command {
	passed := l.excluded()
	var out []act.Command
	for _, c := range l.M.Commands() {
		twice := slices.ContainsFunc(out, func(o act.Command) bool { return o.Does == c.Does })
		if step.Shown(c) && !twice && !slices.Contains(passed, c.Keys[0]) && c.Does != step.WordHelp {
			out = append(out, c)
		}
	}
	return out
}

// excluded returns the keys that are not commands in linear mode: keys that move on the screen, keys replaced by a
// number or a line of input, and the key that opens an alert, which needs digits.
func (l *Linear) excluded() []string {
	out := append([]string{"left", "right", "shift+tab", "home", "end", l.M.Keys.Empty.Keys()[0]},
		l.M.Keys.Number.Keys()...)
	if _, notified := l.M.Top().(Lined); notified {
		out = append(out, "up", "down")
		switch l.M.Top().(type) {
		case *privacy.Result, *privacy.Alerts, *summary.Pane:
		default:
			out = append(out, "pgup", "pgdown")
		}
	}

	if s, ok := l.M.Top().(*patient.Screen); !ok || s.Opened == nil {
		out = append(out, l.M.Keys.Open.Keys()[0])
	}

	switch s := l.M.Top().(type) {
	case *worklist.Screen: // Tab moves from the saved list to the file, and Enter chooses the saved list
		if s.Part != worklist.ListForm || !s.OnSaved {
			out = append(out, "enter")
		}
		return out
	case *alert.Preview: // Enter prints
	case *flags.Screen:
		if !s.Removing && len(s.Waiting.Flags) > 1 { // the flag is chosen by a number
			out = append(out, l.M.Keys.Remove.Keys()[0])
		}
	case Lined:
		out = append(out, "enter")
	}

	return append(out, "tab")
}

// help prints the commands.
func (l *Linear) help() {
	head := wordPlainCommands
	if l.slash() != "" {
		head = wordPlainSlash
	}
	l.Say(head)
	if s, ok := l.M.Top().(*patient.Screen); ok && s.CanOpen() && s.Opened == nil {
		l.Say(l.M.Keys.Open.Help().Key + ": " + step.WordOpen)
	}
	if _, ok := l.M.Top().(*find.Form); ok && l.slash() != "" {
		l.Say("/" + wordPlainMore + ": " + wordPlainMoreDoes)
	}
	for _, words := range does(l.Commands()) {
		l.Say(l.slash() + words)
	}
	l.Say(l.slash() + wordPlainRepeat + ": " + wordPlainRepeatDoes)
}

// slash returns "/" if commands need it here, and otherwise "".
func (l *Linear) slash() string {
	if l.M.Dialog != shell.NoDialog {
		return ""
	}
	if s, ok := l.M.Top().(*find.Form); ok && !s.Asking.Pending() || l.field() {
		return "/"
	}
	return ""
}

// field reports whether a field other than those of the search and the passcode is waiting for text.
func (l *Linear) field() bool {
	switch l.M.Top().(type) {
	case *find.Form, *card.Passcode:
		return false
	default:
		return l.M.Top().Typing()
	}
}

// does returns the words of commands.
func does(all []act.Command) []string {
	out := make([]string, len(all))
	for i, c := range all {
		out[i] = c.Does
	}
	return out
}

// pressOf returns the message of a key, given by its name.
func pressOf(name string) tea.KeyPressMsg {
	for code, special := range map[rune]string{
		tea.KeyEnter: "enter", tea.KeyEscape: "esc", tea.KeyUp: "up", tea.KeyDown: "down", tea.KeyPgUp: "pgup",
		tea.KeyPgDown: "pgdown",
		tea.KeyTab:    "tab",
	} {
		if name == special {
			return tea.KeyPressMsg{Code: code}
		}
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(letter[0]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: rune(name[0]), Text: name}
}
