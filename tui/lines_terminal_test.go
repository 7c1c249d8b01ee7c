//go:build unix

package tui

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
	"time"

	. "wardlight/internal/testterm" // the scenario functions
)

const dumb = "TERM=dumb"

// quitsInLines quits at a prompt for text, and returns the session calls.
func quitsInLines(term *Terminal, asked func() string) string {
	term.Type("/quit").Press("enter").Expect(Contains("Type yes to quit")).Type("yes").Press("enter").Wait()
	return asked()
}

func TestOnATerminalInLines_HalfALineIsNoPartOfThePasscode(t *testing.T) {
	t.Run("card", func(t *testing.T) {
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{dumb, parts("no-card")}, Rows: 300}))
		term.Expect(Contains("No smartcard in the reader")).Type("99").Expect(Contains("Command: 99"))
		term.Pause(1200 * time.Millisecond).Signal(syscall.SIGUSR2).Expect(Regexp(`Passcode, [^\n]*Enter:\s*$`))
		term.Type(code).Press("enter").Expect(Contains("NHS number, or family name:"))
		has(t, quitsInLines(term, asked), "passcode "+code)
	})

	t.Run("card out and in", func(t *testing.T) {
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{dumb}, Rows: 300}))
		toAlertInLines(term)
		term.Type("99").Expect(Contains("Command: 99")).Signal(syscall.SIGUSR2).
			Expect(Contains("Card removed. Session ended."))
		term.Pause(1200 * time.Millisecond).Signal(syscall.SIGUSR2).Expect(Regexp(`Passcode, [^\n]*Enter:\s*$`))
		term.Type(code).Press("enter").Expect(Regexp(`NHS number, or family name:\s*$`))
		has(t, quitsInLines(term, asked), "passcode "+code)
	})

	t.Run("over Ctrl-Z", func(t *testing.T) {
		term, asked := inShell(t, withManualClock(t, Options{Env: []string{dumb}, Rows: 300}))
		toAlertInLines(term)
		term.Type("99").Expect(Contains("Command: 99")).Press("ctrl+z").Expect(Contains("the shell again"))
		term.Send([]byte("\r")) // read by the shell
		term.Expect(Regexp(`Passcode, [^\n]*Enter:\s*$`)).Pause(1200 * time.Millisecond)
		term.Type(code).Press("enter").Expect(Regexp(`NHS number, or family name:\s*$`))
		has(t, quitsInLines(term, asked), "passcode "+code)
	})
}

func TestOnATerminalInLines_KeysThatAreNoLettersNeverReachASearch(t *testing.T) {
	for typed, family := range map[string]string{
		"\x1b[AExample":             "Example",
		"Exa\x1b[D\x1bOCmple":       "Example",
		"Examq\x08ple":              "Example",
		"Examq\x7fple":              "Example",
		"Sample\x15Example":         "Example",
		"Example\tTess":             "Example Tess",
		"Ze\u0301lie":               "Ze\u0301lie",
		"Exa\x00\x01\x0emple\x1b[3": "Example",
	} {
		term, asked := startOnTerminal(t, Options{Env: []string{dumb}, Rows: 300})
		term.Expect(Contains("Passcode, ")).Type(code).Press("enter").Expect(Regexp(`NHS number, or family name:\s*$`))
		term.Type(typed).Press("enter").Expect(Contains("Birth date, ")).Type("4-3-2016").Press("enter").
			Expect(Contains("2 patients."))
		term.Type("/lock").Press("enter").Expect(Contains("Locked.")).Signal(syscall.SIGTERM).Wait()
		if a := asked(); !strings.Contains(a, "searched for "+family+"\n") {
			t.Errorf("typed %q: want a search for %s, got the session calls:\n%s", typed, family, a)
		}
		if bytes.ContainsRune(term.Output(), 0x1b) {
			t.Errorf("typed %q: output contains an escape sequence: %q", typed, term.Output())
		}
	}
}

func TestOnATerminalInLines_QuittingAsks(t *testing.T) {
	for _, key := range []string{"ctrl+c", "ctrl+d"} {
		term, asked := startOnTerminal(t, Options{Env: []string{dumb}, Rows: 300})
		toAlertInLines(term)
		term.Press(key).Expect(Contains("Type yes to quit")).Press("enter").Expect(Regexp(`Command:\s*$`))
		term.Press(key).Expect(Regexp(`Type yes to quit[^\n]*\s*$`)).Type("yes").Press("enter").Wait()
		has(t, asked(), "end: program ended")
	}
}

// Emacs shows what is typed itself and turns off the terminal's echo.
func TestOnATerminalInLines_TypedIsShownOnce(t *testing.T) {
	term, _ := startBy(t, Options{Env: []string{dumb}, Rows: 300}, func(path string) (string, []string) {
		return "sh", []string{"-c", `stty -echo; exec "$0"`, path}
	})
	term.Expect(Contains("Passcode, ")).Type(code).Press("enter").Expect(Regexp(`NHS number, or family name:\s*$`))
	term.Type("Example").Press("enter").Expect(Contains("Birth date, "), Not(Contains("family name: Example")))
}

func TestOnATerminalInLines_DigitOfAListIsNotTakenInTheMomentItIsSaid(t *testing.T) {
	env, answer := slowHub(t)
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{dumb, env, parts("roles")}, Rows: 300}))
	term.Expect(Contains("Passcode, ")).Type(code).Press("enter").Expect(Contains("Signing in."))
	answer("sign in")
	term.Expect(Contains("Number of the role:")).Hold(1200*time.Millisecond, "2", "enter").
		Expect(Contains("That came too soon."))
	term.Pause(1200 * time.Millisecond).Type("1").Press("enter").Expect(Regexp(`NHS number, or family name:\s*$`))
	term.Type("Example").Press("enter").Expect(Contains("Birth date, ")).Type("4-3-2016").Press("enter").
		Expect(Contains("Searching"))
	answer("find")
	term.Expect(Contains("2 patients.")).Hold(1200*time.Millisecond, "2", "enter").Signal(syscall.SIGTERM).Wait()
	a := asked()
	lacks(t, a, "patient ")
	has(t, a, "choose "+nurse().URID)
}

func TestOnATerminalInLines_AnswersDoNotRunIntoAHalfTypedLine(t *testing.T) {
	env, answer := slowHub(t)
	term, _ := startOnTerminal(t, Options{Env: []string{dumb, env, parts("worklist")}, Rows: 300})
	term.Expect(Contains("Passcode, ")).Type(code).Press("enter")
	answer("sign in")
	term.Expect(Contains("NHS number, or family name:")).Type("/worklist").Press("enter").
		Expect(Contains("Name of the file:"))
	term.Type("x.csv").Press("enter").Expect(Regexp(`Line of the patient:\s*$`)).Type("12").
		Expect(Regexp(`Line of the patient: 12\s*$`))
	answer("lamp")
	term.Expect(Regexp(`Line \d[^\n]*recorded[^\n]*(\n[^\n]+)*\nLine of the patient: 12\s*$`))
	term.Press("backspace").Type("99").Press("enter").Expect(Contains("Line of the patient: 199"),
		Contains("no number of the list"))
}
