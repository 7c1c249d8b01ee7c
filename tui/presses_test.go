//go:build unix

package tui

import (
	"strings"
	"syscall"
	"testing"
	"time"

	. "wardlight/internal/testterm" // the scenario functions
)

// parts returns the environment variable that enables parts of the program.
func parts(all ...string) string { return partsEnv + "=" + strings.Join(all, " ") }

// quits ends the program, which is signed in, and returns the session calls.
func quits(t *testing.T, term *Terminal, asked func() string) string {
	t.Helper()
	term.Press("ctrl+c").Expect(Contains("Quit?")).Press("y")
	if rc := term.Wait(); rc != 0 {
		t.Errorf("exit code = %d, want 0", rc)
	}
	return asked()
}

// lacks reports an error if the session calls contain any of all.
func lacks(t *testing.T, asked string, all ...string) {
	t.Helper()
	for _, what := range all {
		if strings.Contains(asked, what) {
			t.Errorf("session calls contain %q, want none:\n%s", what, asked)
		}
	}
}

// has reports an error unless the session calls contain each of all.
func has(t *testing.T, asked string, all ...string) {
	t.Helper()
	for _, what := range all {
		if !strings.Contains(asked, what) {
			t.Errorf("session calls do not contain %q:\n%s", what, asked)
		}
	}
}

func TestOnATerminal_HeldKeyOpensAndFlagsNothing(t *testing.T) {
	env, answer := slowHub(t)
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{env, parts("flags")}}))
	term.Expect(Contains("555000000111")).Type(code).Press("enter")
	answer("sign in")
	term.Expect(Contains("Find a patient"), CursorAt(" ")).Type(tess.Digits()).Press("enter").
		Expect(Contains("Asking whether"))
	answer("patient")
	term.Expect(Contains("EXAMPLE, Tess")).Hold(200*time.Millisecond, "o", "f")
	answer("lamp")
	term.Expect(Contains("▲ ALERT"), Contains("whom to ring"), Contains("flags it in"))
	term.Hold(1500*time.Millisecond, "o", "f").Expect(Contains("▲ ALERT"), Contains("whom to ring"),
		Contains("flags it in"))
	term.Pause(1200 * time.Millisecond).Press("o").Expect(Contains("Opening"))
	answer("open")
	term.Expect(Contains("RING NOW"))
	if a := quits(t, term, asked); strings.Count(a, "open ") != 1 || !strings.Contains(a, "0 flags") {
		t.Errorf("want one open and no flags, got the session calls:\n%s", a)
	}
}

func TestOnATerminal_HeldKeyPrintsNothing(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{parts("printers")}}))
	toAlertOnTerminal(term)
	term.Pause(time.Second).Press("o").Expect(Contains("RING NOW")).Press("p").Expect(Contains("Which printer?"))
	term.Hold(1500*time.Millisecond, "enter").Expect(Contains("Which printer?"))
	has(t, quits(t, term, asked), "0 pages")
}

func TestOnATerminal_RoleIsNotTakenByAKeyTypedAhead(t *testing.T) {
	for _, key := range []string{"2", "enter"} {
		env, answer := slowHub(t)
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{env, parts("roles")}}))
		term.Expect(Contains("555000000111")).Type(code).Press("enter").Expect(Contains("Signing in")).
			Hold(200*time.Millisecond, key)
		answer("sign in")
		term.Expect(Contains("Signed in as"), Contains("Third Hospital")).Hold(1200*time.Millisecond, key)
		term.Expect(Contains("Signed in as"), Contains("Third Hospital"))
		lacks(t, quits(t, term, asked), "choose")
	}
}

func TestOnATerminal_ResultIsNotTakenInTheMomentItAppears(t *testing.T) {
	env, answer := slowHub(t)
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{env}}))
	term.Expect(Contains("555000000111")).Type(code).Press("enter")
	answer("sign in")
	term.Expect(Contains("Find a patient")).Press("tab").Type("Example").Press("tab").Type("4-3-2016").Press("enter").
		Expect(Contains("Searching"))
	answer("find")
	term.Expect(Contains("2 patients")).Hold(1200*time.Millisecond, "down", "enter").Expect(Contains("2 patients"))
	lacks(t, quits(t, term, asked), "patient ")
}

func TestOnATerminal_LettersDuringSignInAreNoCommands(t *testing.T) {
	for _, key := range []string{"q", "d", "?", "Q"} {
		env, answer := slowHub(t)
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{env}}))
		term.Expect(Contains("555000000111")).Type(code).Press("enter").Expect(Contains("Signing in"))
		term.Pause(500 * time.Millisecond).Type(key).Pause(500 * time.Millisecond)
		answer("sign in")
		term.Expect(Contains("Find a patient"), Line(-1).Contains("Enter search"))
		has(t, quits(t, term, asked), "choose")
	}
}

// A slow line splits the sequence of a key, so that Bubble Tea reads the ESC alone as the Esc key.
func TestOnATerminal_TornSequenceIsNotTaken(t *testing.T) {
	t.Run("role", func(t *testing.T) {
		for _, torn := range [][2]string{{"\x1b", "[3~"}, {"\x1b[", "3~"}, {"\x1b[3", "~"}, {"\x1b", "O3P"}} {
			term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{parts("roles")}}))
			term.Expect(Contains("555000000111")).Type(code).Press("enter").Expect(Contains("Third Hospital"))
			term.Pause(time.Second).Type(torn[0]).Pause(100 * time.Millisecond).Type(torn[1]).Pause(time.Second)
			lacks(t, quits(t, term.Expect(Contains("Third Hospital")), asked), "choose")
		}
	})

	t.Run("passcode", func(t *testing.T) {
		term, asked := startOnTerminal(t, withManualClock(t, Options{}))
		term.Expect(Contains("555000000111")).Type("1357").Expect(Contains("••••"))
		term.Type("\x1b").Pause(100 * time.Millisecond).Type("[3~").Pause(time.Second).Expect(Contains("••••"))
		term.Type("90").Press("enter").Expect(Contains("Find a patient"))
		has(t, quits(t, term, asked), "passcode "+code)
	})

	t.Run("field", func(t *testing.T) {
		term, asked := startOnTerminal(t, withManualClock(t, Options{}))
		term.Expect(Contains("555000000111")).Type(code).Press("enter").Expect(Contains("Find a patient"))
		term.Press("tab").Type("Ex").Expect(Contains("► Ex")).Type("\x1b").Pause(100 * time.Millisecond).Type("[Aample")
		term.Pause(time.Second).Expect(Contains("► Example"))
		quits(t, term, asked)
	})

	t.Run("passcode in lines", func(t *testing.T) {
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{"TERM=dumb"}, Rows: 300}))
		term.Expect(Regexp(`Passcode, [^\n]*Enter:\s*$`)).Type("1357").Pause(100 * time.Millisecond)
		term.Type("\x1b").Pause(100 * time.Millisecond).Type("[3~").Pause(time.Second).Type("90").Press("enter")
		term.Expect(Contains("NHS number, or family name:")).Type("/quit").Press("enter").Expect(Contains("Type yes")).
			Type("yes").Press("enter").Wait()
		has(t, asked(), "passcode "+code)
	})

	t.Run("F1 of the Linux console", func(t *testing.T) {
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{"TERM=linux"}}))
		toAlertOnTerminal(term)
		term.Type("\x1b").Pause(100*time.Millisecond).Type("[[C").Pause(time.Second).Expect(Contains("▲ ALERT"),
			Not(Contains("Receipt")))
		quits(t, term, asked)
	})
}

func TestOnATerminal_EscStillWorks(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{}))
	toAlertOnTerminal(term)
	term.Press("esc").Pause(time.Second).Expect(Contains("Find a patient")).Press("esc").Pause(time.Second).Press("q").
		Expect(Contains("Quit?")).Press("y").Wait()
	has(t, asked(), "end: program ended")
}

// Many terminals send ^H for the backspace key.
func TestOnATerminal_ControlHIsBackspace(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{}))
	term.Expect(Contains("555000000111")).Type("1358\x08790").Press("enter").Expect(Contains("Find a patient"))
	term.Press("tab").Type("Exan\x08mple").Expect(Contains("► Example"))
	has(t, quits(t, term, asked), "passcode "+code)
}

func TestOnATerminal_CapsLockLeavesTheLetterKeysAlive(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{}))
	toAlertOnTerminal(term)
	term.Pause(time.Second).Press("O").Expect(Contains("RING NOW")).Press("Q").Expect(Contains("Quit?")).Press("Y").
		Wait()
	has(t, asked(), "open ", "end: program ended")
}

// Characters typed while the card is being looked for are the start of the passcode. The card would get only the rest.
func TestOnATerminal_PasscodeBegunBeforeTheCardWasFoundIsNotSent(t *testing.T) {
	for _, env := range []string{"TERM=xterm", "TERM=dumb"} {
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{env, parts("no-card")}, Rows: 300}))
		term.Expect(Contains("No smartcard in the reader"), Not(Contains("Passcode"))).Pause(100 * time.Millisecond)
		for i, digit := range "24690813" {
			if i == 2 {
				term.Signal(syscall.SIGUSR2).Expect(Regexp(`Passcode.*\n`))
			}
			term.Type(string(digit)).Pause(90 * time.Millisecond)
		}
		term.Press("enter").Expect(Contains("You began before the card"))
		term.Pause(1200 * time.Millisecond).Type(code).Press("enter").Expect(Contains("Find a patient"))
		term.Signal(syscall.SIGTERM).Wait()
		if a := asked(); strings.Count(a, "sign in") != 1 || !strings.Contains(a, "passcode "+code) {
			t.Errorf("want one sign-in with passcode %s, got the session calls:\n%s", code, a)
		}
	}
}
