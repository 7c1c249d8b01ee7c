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

// After the lock and after the card's removal, nothing that is written to the terminal has anything of the summary.
func TestOnATerminal_NoSummaryAfterTheLock(t *testing.T) {
	for name, end := range map[string]func(*Terminal){
		"lock": func(term *Terminal) { term.Press("ctrl+l").Expect(Contains("Locked.")) },
		"card out": func(term *Terminal) {
			term.Signal(syscall.SIGUSR2).Expect(Contains("Card removed. Session ended."))
		},
	} {
		term, asked := startOnTerminal(t, Options{Env: []string{parts("summary")}})
		toAlertOnTerminal(term)
		term.PressUntil("s", Contains("Permission to view")).PressUntil("1", Contains("penicillin"))
		end(term)
		term.Expect(Not(Contains("penicillin")), Not(Contains("EXAMPLE")))

		before := len(term.Output())
		term.Resize(100, 30).Resize(80, 24).Signal(syscall.SIGTERM).Wait()
		if bytes.Contains(term.Output()[before:], []byte("penicillin")) {
			t.Errorf("%s: the summary was written after the session's end", name)
		}
		has(t, asked(), "summary ")
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
	term.Press("tab").Expect(Contains("Summary Care Record"), Not(Contains("Which printer?")), Not(Contains("on paper")))
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
