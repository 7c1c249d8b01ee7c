//go:build unix

package tui

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
	"time"

	. "wardlight/internal/testterm" // the scenario functions
	"wardlight/tui/lines"
)

// A key that is held down, or typed before the question was shown, is no permission. Esc sends nothing.
func TestOnATerminal_HeldKeyIsNoPermission(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{parts("summary")}}))
	toAlertOnTerminal(term)
	term.Pause(time.Second).Type("s1").Expect(Contains("Permission to view"), Not(Contains("penicillin")))
	term.Hold(1500*time.Millisecond, "1", "2").Expect(Contains("Permission to view"), Not(Contains("penicillin")))
	term.Pause(1200*time.Millisecond).Press("2").Expect(Contains("Reason")).Type("unconscious").Press("esc").
		Pause(time.Second).Expect(Contains("ALERT"), Not(Contains("Permission to view")))
	lacks(t, quits(t, term, asked), "summary ")
}

func TestOnATerminal_Summary(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{parts("summary")}, Cols: 60, Rows: 20}))
	toAlertOnTerminal(term)
	term.Pause(time.Second).Press("s").Expect(Contains("Permission to view"), Not(Contains("penicillin")))
	term.Pause(time.Second).Press("2").Expect(Contains("Reason")).Type("unconscious").Pause(1200 * time.Millisecond)
	term.Press("enter").Expect(Contains("Allergy to penicillin"), Contains("MORE BELOW"), Contains("EXAMPLE, Tess"))
	if a := quits(t, term, asked); strings.Count(a, "summary ") != 1 || !strings.Contains(a, "emergency  unconscious") {
		t.Errorf("want one view in an emergency, got the session calls:\n%s", a)
	}
}

// The key for the summary and the answers, held down or typed while the lamp is requested, view nothing.
func TestOnATerminal_HeldSummaryKey(t *testing.T) {
	env, answer := slowHub(t)
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{env, parts("summary")}}))
	term.Expect(Contains("555000000111")).Type(code).Press("enter")
	answer("sign in")
	term.Expect(Contains("Find a patient"), CursorAt(" ")).Type(tess.Digits()).Press("enter").
		Expect(Contains("Asking whether"))
	answer("patient")
	term.Expect(Contains("EXAMPLE, Tess")).Type("s1").Hold(600*time.Millisecond, "s", "1")
	answer("lamp")
	term.Expect(Contains("Permission to view")).Hold(2*time.Second, "s", "1").Hold(2*time.Second, "1").
		Hold(2*time.Second, "s").Hold(2*time.Second, "enter").
		Expect(Contains("Permission to view"), Not(Contains("Reason")), Not(Contains("penicillin")))
	term.Pause(1200 * time.Millisecond).Press("1").Expect(Contains("Getting the Summary Care Record"))
	answer("summary")
	term.Expect(Contains("penicillin"))
	if a := quits(t, term, asked); strings.Count(a, "summary ") != 1 {
		t.Errorf("want one view, got the session calls:\n%s", a)
	}
}

// The next view and the next patient are asked about again, also with an answer typed ahead.
func TestOnATerminal_PermissionIsAskedAgain(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{parts("summary")}}))
	toSummaryOnTerminal(term)
	term.Press("esc").Pause(time.Second).Expect(Contains("o open the alert"), Not(Contains("penicillin")))
	term.Type("s1").Expect(Contains("Permission to view"), Not(Contains("penicillin"))).Pause(time.Second)
	term.Press("esc").Pause(time.Second).Expect(Contains("o open the alert"))
	term.Press("n").Expect(Contains("Find a patient"), CursorAt(" ")).Type(sam.Digits()).Press("enter").
		Expect(Contains("SAMPLE, Sam"), Contains("none recorded")).Pause(time.Second)
	term.Type("s1").Expect(Contains("Permission to view"), Contains("SAMPLE, Sam"), Not(Contains("penicillin")))
	if a := quits(t, term, asked); strings.Count(a, "summary ") != 1 {
		t.Errorf("want one view, got the session calls:\n%s", a)
	}
}

// After each end, nothing that is written to the terminal has anything of the summary, or of the reason.
func TestOnATerminal_NoSummaryAfterTheEnd(t *testing.T) {
	for name, end := range map[string]func(*Terminal){
		"lock": func(term *Terminal) { term.Press("ctrl+l").Expect(Contains("Locked.")) },
		"card out": func(term *Terminal) {
			term.Signal(syscall.SIGUSR2).Expect(Contains("Card removed. Session ended."))
		},
		"key after the idle time": func(term *Terminal) {
			term.Pause(16 * time.Minute).Press("tab").Expect(Contains("Locked after 15 minutes"))
		},
		"next patient": func(term *Terminal) { term.Press("n").Expect(Contains("Find a patient")) },
	} {
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{parts("summary")}}))
		toAlertOnTerminal(term)
		term.Pause(time.Second).Press("s").Expect(Contains("Permission to view")).Pause(1200 * time.Millisecond)
		term.Press("2").Expect(Contains("Reason")).Type("unconscious").Pause(1200 * time.Millisecond)
		term.Press("enter").Expect(Contains("penicillin")).Pause(time.Second)
		end(term)
		term.Expect(Not(Contains("penicillin")), Not(Contains("EXAMPLE")))

		before := len(term.Output())
		term.Resize(100, 30).Resize(80, 24).Signal(syscall.SIGTERM).Wait()
		for _, of := range []string{"penicillin", "unconscious", "EXAMPLE"} {
			if bytes.Contains(term.Output()[before:], []byte(of)) {
				t.Errorf("%s: %q was written after the end", name, of)
			}
		}
		if a := asked(); strings.Count(a, "summary ") != 1 {
			t.Errorf("%s: want one view, got the session calls:\n%s", name, a)
		}
	}
}

// toSummaryInLines shows the summary of tess with her permission.
func toSummaryInLines(term *Terminal) {
	toAlertInLines(term)
	term.Pause(time.Second).Type("summary").Press("enter").Expect(Regexp(`Number of the answer, or cancel:\s*$`)).
		Pause(1200 * time.Millisecond)
	term.Type("1").Press("enter").Expect(Contains("Allergy to penicillin")).Pause(1200 * time.Millisecond)
}

// Answers that are held down or typed ahead view nothing. The next view and the next patient are asked about again.
func TestOnATerminalInLines_PermissionIsAskedAgain(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{dumb, parts("summary")}, Rows: 300}))
	toAlertInLines(term)
	term.Pause(time.Second).Type("summary\r1\r").Expect(Contains("Why may you view")).
		Hold(1200*time.Millisecond, "1", "enter").
		Expect(Contains("That came too soon."), Not(Contains("penicillin"))).Pause(1200 * time.Millisecond)
	term.Type("1").Press("enter").Expect(Contains("Allergy to penicillin")).Pause(1200 * time.Millisecond)

	term.Type("back").Press("enter").Pause(time.Second).Type("summary\r1\r").
		Expect(Regexp(`(?s)penicillin.*Why may you view.*too soon.*Number of the answer, or cancel:\s*$`)).
		Pause(1200 * time.Millisecond)
	term.Type("cancel").Press("enter").Pause(time.Second).Type("next").Press("enter").
		Expect(Regexp(`NHS number, or family name:\s*$`)).Type(sam.Digits()).Press("enter").
		Expect(Regexp(`(?s)SAMPLE, Sam.*none recorded.*Command:\s*$`)).Pause(time.Second)
	term.Type("summary").Press("enter").
		Expect(Regexp(`(?s)SAMPLE, Sam.*Why may you view.*Number of the answer, or cancel:\s*$`))
	term.Signal(syscall.SIGTERM).Wait()
	if a := asked(); strings.Count(a, "summary ") != 1 {
		t.Errorf("want one view, got the session calls:\n%s", a)
	}
}

// After each end, no line has anything of the summary. The screen and the scrollback are cleared, with the setting, or
// a line says that earlier lines have the patient.
func TestOnATerminalInLines_NoSummaryAfterTheEnd(t *testing.T) {
	for name, end := range map[string]func(*Terminal){
		"lock": func(term *Terminal) { term.Type("lock").Press("enter").Expect(Contains("Locked.")) },
		"card out": func(term *Terminal) {
			term.Signal(syscall.SIGUSR2).Expect(Contains("Card removed. Session ended."))
		},
		"line after the idle time": func(term *Terminal) {
			term.Pause(16 * time.Minute).Type("repeat").Press("enter").Expect(Contains("Locked after 15 minutes"))
		},
	} {
		for _, clears := range []bool{false, true} {
			env := []string{dumb, parts("summary")}
			if clears { // a terminal that is not dumb, in linear mode
				env = []string{dumb, "TERM=xterm", plainEnv + "=1", parts("summary", "clear")}
			}
			term, asked := startOnTerminal(t, withManualClock(t, Options{Env: env, Rows: 300}))
			toSummaryInLines(term)
			before := len(term.Output())
			end(term)
			term.Signal(syscall.SIGTERM).Wait()
			after := term.Output()[before:]
			for _, of := range []string{"penicillin", "Author", "EXAMPLE"} {
				if bytes.Contains(after, []byte(of)) {
					t.Errorf("%s: %q was written after the end", name, of)
				}
			}
			if bytes.Contains(after, []byte(lines.ClearAll)) != clears ||
				bytes.Contains(after, []byte(lines.WordPlainScrollback)) == clears {
				t.Errorf("%s: want the scrollback cleared: %v, or the line about it, got %q", name, clears, after)
			}
			has(t, asked(), "summary ")
		}
	}
}

// toSummaryOnTerminal shows the summary of tess with her permission.
func toSummaryOnTerminal(term *Terminal) {
	toAlertOnTerminal(term)
	term.Pause(time.Second).Press("s").Expect(Contains("Permission to view")).Pause(1200 * time.Millisecond)
	term.Press("1").Expect(Contains("penicillin")).Pause(time.Second)
}

// A key that is held down, or was typed ahead, prints nothing. One press prints the summary once.
func TestOnATerminal_SummaryPrint(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{
		Env: []string{parts("summary", "printers", "summary-print")},
	}))
	toSummaryOnTerminal(term)
	term.Type("p\r").Expect(Contains("Which printer?")).Hold(1500*time.Millisecond, "enter").
		Expect(Contains("Which printer?")).Pause(1200 * time.Millisecond)
	term.Press("enter").Expect(Contains("Nothing has been printed yet")).Hold(1500*time.Millisecond, "enter").
		Expect(Contains("Nothing has been printed yet")).Pause(1200 * time.Millisecond)
	term.Press("enter").Expect(Contains("Sent to the printer as job ward-7."))
	has(t, quits(t, term, asked), "1 pages")
}

// Without the setting, the key for printing is not shown and does nothing.
func TestOnATerminal_SummaryPrintIsOff(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{parts("summary", "printers")}}))
	toSummaryOnTerminal(term)
	term.Expect(Not(Contains("p print"))).Type("p\r").Pause(1200 * time.Millisecond)
	term.Press("tab").Expect(Contains("Summary Care Record"), Not(Contains("Which printer?")),
		Not(Contains("on paper")))
	has(t, quits(t, term, asked), "0 pages")
}

func TestOnATerminalInLines_SummaryPrint(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{
		Env: []string{dumb, parts("summary", "printers", "summary-print")}, Rows: 300,
	}))
	toAlertInLines(term)
	term.Pause(time.Second).Type("summary").Press("enter").Expect(Contains("Why may you view")).
		Pause(1200 * time.Millisecond)
	term.Type("1").Press("enter").Expect(Contains("Allergy to penicillin")).Pause(1200 * time.Millisecond)
	term.Type("print").Press("enter").Expect(Contains("Which printer?")).Pause(1200 * time.Millisecond)
	term.Type("1").Press("enter").Expect(Contains("Nothing has been printed yet")).Pause(1200 * time.Millisecond)
	term.Type("print").Press("enter").Expect(Contains("Sent to the printer as job ward-7."))
	has(t, quitsInLines(term, asked), "1 pages")
}
