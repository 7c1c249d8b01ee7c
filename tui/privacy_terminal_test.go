//go:build unix

package tui

import (
	"bytes"
	"syscall"
	"testing"

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
		term.Press("esc").Expect(Contains("v privacy reports")).Press("v").Expect(Contains("1-3 this report"))
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
