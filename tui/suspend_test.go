//go:build unix

package tui

import (
	"strings"
	"testing"

	. "wardlight/internal/testterm" // the scenario functions
)

// inShell runs the program from a shell with job control, which resumes it as soon as it has stopped.
func inShell(t *testing.T, o Options) (term *Terminal, asked func() string) {
	t.Helper()
	return startBy(t, o, func(path string) (string, []string) {
		return "sh", []string{"-c", "set -m; " + path + "; echo the shell again; read go; fg"}
	})
}

func TestOnATerminalCtrlZLocksAndTheShellBringsItBackLocked(t *testing.T) {
	term, asked := inShell(t, Options{})
	toAlertOnTerminal(term)
	term.Press("ctrl+z").Expect(Contains("the shell again"), Not(Contains("Tess")))
	term.Press("enter").Expect(Contains("Locked. Type your passcode"), Not(Contains("Tess")))
	term.Type(code).Press("enter").Expect(Contains("Find a patient")).Press("ctrl+c").Expect(Contains("Quit?")).
		Press("y").Wait()
	if !strings.Contains(asked(), "end: locked") {
		t.Errorf("the session was not locked; session calls:\n%s", asked())
	}
}

// Started directly by a terminal, or by a script of the session leader, the program would never be resumed.
func TestOnATerminalWithoutAShellCtrlZStopsNothing(t *testing.T) {
	term, _ := startOnTerminal(t, Options{})
	toAlertOnTerminal(term)
	term.Press("ctrl+z", "?").Expect(Contains("Keys"), Not(Contains("to the shell"))).Press("esc").
		Expect(Contains("▲ ALERT"))

	term, _ = startOnTerminal(t, Options{Env: []string{"TERM=dumb"}, Rows: 300})
	toAlertInLines(term)
	term.Press("ctrl+z").Type("next").Press("enter").Expect(Contains("Find a patient"))
}

func TestOnATerminalInLinesCtrlZLocksBeforeTheShell(t *testing.T) {
	term, asked := inShell(t, Options{Env: []string{"TERM=dumb"}, Rows: 300})
	toAlertInLines(term)
	term.Press("ctrl+z").Expect(Contains("Locked. Type your passcode to go on"), Contains("the shell again"))
	term.Press("enter").Expect(Regexp(`Passcode, [^\n]*Enter:\s*$`)).Press("ctrl+c").Wait()
	if !strings.Contains(asked(), "end: locked") {
		t.Errorf("the session was not locked; session calls:\n%s", asked())
	}
}
