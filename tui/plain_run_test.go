//go:build unix

package tui

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	. "wardlight/internal/testterm" // the scenario functions
)

// toAlertInLines signs in and shows the patient with an alert.
func toAlertInLines(term *Terminal) {
	term.Expect(Contains("Passcode, 6 to 8 digits, then Enter:")).Type(code).Press("enter").
		Expect(Contains("NHS number, or family name:")).Type("9990000018").Press("enter").
		Expect(Contains("ALERT: Child protection alert, as of"), Contains("EXAMPLE, Tess"), Contains("Patient phone: "), Regexp(`Command:\s*$`))
}

// openInLines types the command that opens the alert, and again if it was typed within the key delay.
func openInLines(term *Terminal) {
	term.TypeUntil(regexp.MustCompile(`open \d{4}`).FindString(term.Screen()), Contains("RING NOW"))
}

// plainBytes reports an error if the output contains anything but text and line ends, or the passcode.
func plainBytes(t *testing.T, term *Terminal) {
	t.Helper()
	out := term.Output()
	if i := bytes.IndexFunc(out, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' || r == 0x7f }); i >= 0 {
		t.Errorf("output contains a control character: %q", out[max(0, i-20):min(len(out), i+20)])
	}
	if bytes.Contains(out, []byte(code)) {
		t.Error("output contains the passcode")
	}
}

func TestOnATerminalInLinesFromCardToOpenedAndOut(t *testing.T) {
	for _, env := range []string{"TERM=dumb", plainEnv + "=1"} {
		term, asked := startOnTerminal(t, Options{Env: []string{env}, Rows: 300})
		toAlertInLines(term)
		openInLines(term)
		term.Type("quit").Press("enter").Expect(Contains("Type yes to quit")).Type("yes").Press("enter")
		if rc := term.Wait(); rc != 0 {
			t.Errorf("exit code = %d, want 0", rc)
		}
		term.Expect(Contains("Session ended.")).ExpectModesRestored()
		plainBytes(t, term)
		if a := asked(); strings.Count(a, "open ") != 1 || !strings.Contains(a, "end: program ended") {
			t.Errorf("want one open and the end of the session, got the session calls:\n%s", a)
		}
	}
}

func TestOnATerminalInLinesSignalsEndTheSessionWithASentence(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1} {
		term, asked := startOnTerminal(t, Options{Env: []string{"TERM=dumb"}, Rows: 300})
		toAlertInLines(term)
		term.Signal(sig)
		if rc := term.Wait(); rc != 0 {
			t.Errorf("%v: exit code = %d, want 0:\n%s", sig, rc, term.Screen())
		}
		term.Expect(Contains("Session ended."), Contains("Earlier lines may still name a patient"))
		plainBytes(t, term)
		if !strings.Contains(asked(), "end: program ended") {
			t.Errorf("%v: the session was not ended", sig)
		}
	}
}

func TestOnATerminalInLinesThatHangsUpTheSessionEnds(t *testing.T) {
	term, asked := startOnTerminal(t, Options{Env: []string{"TERM=dumb"}, Rows: 300})
	toAlertInLines(term)
	term.HangUp()
	term.Wait()
	if !strings.Contains(asked(), "end: program ended") {
		t.Error("the session was not ended")
	}
}

func TestOnATerminalInLinesThePasscodeIsNotShownAndLinesAreAfterIt(t *testing.T) {
	term, _ := startOnTerminal(t, Options{Env: []string{"TERM=dumb", "LANG=C", "LC_ALL=C"}})
	term.Expect(Contains("Passcode, ")).Type("13579").Press("backspace").Type("90").Press("enter").
		Expect(Contains("NHS number, or family name:")).Type("Example").Expect(Contains("family name: Example"))
	if bytes.Contains(term.Output(), []byte("1357")) {
		t.Error("the passcode was echoed")
	}
}
