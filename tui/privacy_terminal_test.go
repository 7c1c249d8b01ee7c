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

// After the lock and after the card's removal, neither the screen nor anything that is written to the terminal later
// has something of a report.
func TestOnATerminal_NoReportAfterTheLock(t *testing.T) {
	for name, end := range map[string]func(*Terminal){
		"lock": func(term *Terminal) { term.Press("ctrl+l").Expect(Contains("Locked.")) },
		"card out": func(term *Terminal) {
			term.Signal(syscall.SIGUSR2).Expect(Contains("Card removed. Session ended."))
		},
	} {
		term, asked := startOnTerminal(t, Options{Env: []string{parts("officer")}})
		term.Expect(Contains("555000000111")).Type(code).Press("enter").Expect(Contains("Find a patient"))
		term.Press("esc").Expect(Contains("v privacy reports")).Press("v").Expect(Contains("1-4 this report"))
		term.Press("1").Expect(Contains("NHS number")).Type("9990000026").Press("tab").Type("1/11/2026").Press("tab").
			Type("22/11/2026").Press("enter").Expect(Contains("Accesses: 3"), Contains("999 000 0026"))
		end(term)
		term.Expect(Not(Contains("999 000 0026")), Not(Contains("Accesses")), Not(Contains("SAMPLE, Ada")))

		before := len(term.Output())
		term.Resize(100, 30).Resize(80, 24).Signal(syscall.SIGTERM).Wait()
		for _, left := range []string{"999 000 0026", "Accesses", "SAMPLE, Ada"} {
			if bytes.Contains(term.Output()[before:], []byte(left)) {
				t.Errorf("%s: %q was written after the session's end", name, left)
			}
		}
		has(t, asked(), "report patient-access")
	}
}

func TestOnATerminalInLines_NoReportAfterTheLock(t *testing.T) {
	term, asked := startOnTerminal(t, Options{Env: []string{dumb, parts("officer")}, Rows: 300})
	term.Expect(Contains("Passcode, ")).Type(code).Press("enter").Expect(Regexp(`NHS number, or family name:\s*$`))
	term.Type("/privacy").Press("enter").Expect(Contains("Number of the report:")).Type("3").Press("enter")
	term.Expect(Contains("First day, ")).Type("1/11/2026").Press("enter").Expect(Contains("Last day, ")).
		Type("22/11/2026").Press("enter").Expect(Contains("Accesses: 3"), Contains("999 000 0026"))
	before := len(term.Output())
	term.Type("lock").Press("enter").Expect(Contains("Locked."), Contains("Earlier lines may still name a patient")).
		Signal(syscall.SIGTERM).Wait()
	if bytes.Contains(term.Output()[before:], []byte("999 000")) {
		t.Errorf("a patient was written after the lock: %q", term.Output()[before:])
	}
	has(t, asked(), "report patient-enquiries")
}

// toNoteOnTerminal signs in as a privacy officer, shows the first alert in full and asks for the note.
func toNoteOnTerminal(term *Terminal) {
	term.Expect(Contains("555000000111")).Type(code).Press("enter").Expect(Contains("Find a patient"))
	term.Press("esc").Pause(time.Second).Press("v").Expect(Contains("4 Privacy alerts"))
	term.Press("4").Expect(Contains("Open alerts: 2"), Contains("999 000 0018"))
	term.Pause(time.Second).Press("enter").Expect(Contains("x close the alert"), Contains("session 5f4b6c1a"))
	term.Press("x").Expect(Contains("Say what came of it."))
}

// The bytes of a note and of Enter close the alert once. Enter that is held down, or that arrives together with the
// key that asks for the note, closes nothing.
func TestOnATerminal_ClosePrivacyAlert(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{60, 20}, {80, 24}} {
		term, asked := startOnTerminal(t, withManualClock(t, Options{
			Env: []string{parts("alerts")}, Cols: size.cols, Rows: size.rows,
		}))
		toNoteOnTerminal(term)
		term.Press("esc").Pause(2 * time.Second).Expect(Contains("x close the alert"))
		term.Type("xconfirmed").Press("enter")
		term.Expect(Contains("Say what came of it."), Contains("Note   ► confirmed"))
		term.Hold(1500*time.Millisecond, "enter").Expect(Contains("Note   ► confirmed"), Not(Contains("Closing")))
		term.Pause(2*time.Second).Press("enter").Expect(Contains("closed 22-Nov-2026"), Not(Contains("Say what")))
		term.Press("esc").Pause(time.Second).Expect(Contains("Open alerts: 1"), Regexp(`EXAMPLE, B[^\n]*999 000 0018.*closed`))
		if a := quits(t, term, asked); strings.Count(a, "close "+privacyAlert(0).ID+": confirmed") != 1 ||
			strings.Count(a, "alerts, ") != 1 {
			t.Errorf("want one list and one closing, got the session calls:\n%s", a)
		}
	}
}

// After the lock and after the card's removal, nothing that is written to the terminal has anything of the alerts or
// of the note.
func TestOnATerminal_NoPrivacyAlertAfterTheLock(t *testing.T) {
	for name, end := range map[string]func(*Terminal){
		"lock": func(term *Terminal) { term.Press("ctrl+l").Expect(Contains("Locked.")) },
		"card out": func(term *Terminal) {
			term.Signal(syscall.SIGUSR2).Expect(Contains("Card removed. Session ended."))
		},
	} {
		term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{parts("alerts")}}))
		toNoteOnTerminal(term)
		term.Type("ruled out").Expect(Contains("ruled out"))
		end(term)
		left := []string{"999 000", "EXAMPLE, Ben", "unconscious", "ruled out"}
		for _, words := range left {
			term.Expect(Not(Contains(words)))
		}

		before := len(term.Output())
		term.Resize(100, 30).Resize(80, 24).Signal(syscall.SIGTERM).Wait()
		for _, words := range left {
			if bytes.Contains(term.Output()[before:], []byte(words)) {
				t.Errorf("%s: %q was written after the session's end", name, words)
			}
		}
		lacks(t, asked(), "close ")
	}
}

func TestOnATerminalInLines_ClosePrivacyAlert(t *testing.T) {
	term, asked := startOnTerminal(t, withManualClock(t, Options{Env: []string{dumb, parts("alerts")}, Rows: 300}))
	term.Expect(Contains("Passcode, ")).Type(code).Press("enter").Expect(Regexp(`NHS number, or family name:\s*$`))
	term.Type("/privacy").Press("enter").Expect(Contains("4. Privacy alerts")).Type("4").Press("enter")
	term.Expect(Contains("Open alerts: 2"), Contains("1. When 22-Nov-2026 14:05")).Type("1").Press("enter").
		Expect(Contains("Reason unconscious, nobody with the patient.")).Type("close").Press("enter")
	term.Expect(Regexp(`Note about what came of it, or /cancel:\s*$`)).Pause(2 * time.Second)
	term.Type("confirmed").Press("enter").Expect(Contains("State closed 22-Nov-2026"), Contains("Note confirmed."))
	has(t, quitsInLines(term, asked), "close "+privacyAlert(0).ID+": confirmed")
}
