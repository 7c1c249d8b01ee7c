package tui

import (
	"strings"
	"syscall"
	"testing"

	. "wardlight/internal/testterm" // the words of the scenario
)

func TestOnATerminalInLinesCtrlZLocksBeforeTheShell(t *testing.T) {
	term, asked := startOnTerminal(t, Options{Env: []string{"TERM=dumb"}, Rows: 300})
	toAlertInLines(term)
	term.Press("ctrl+z").Expect(Contains("Locked. Type your passcode to go on")).ExpectStopped()
	term.Signal(syscall.SIGCONT).Expect(Regexp(`Passcode, [^\n]*Enter:\s*$`))
	term.Signal(syscall.SIGTERM).Wait()
	if !strings.Contains(asked(), "end: locked") {
		t.Errorf("the desk was asked:\n%s", asked())
	}
}
