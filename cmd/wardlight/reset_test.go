//go:build linux

package main

import (
	"testing"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/pcscd/pcscdtest"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// Another program may reset the card between the first read and the passcode. The program recovers without a message.
func TestSignIn_ResetByAnotherProgram(t *testing.T) {
	t.Parallel() // each test starts its own services
	pcscdtest.Need(t, "opensc-tool")
	w := newTestSite(t)
	w.insert("nurse")
	term := w.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	other := pcscdtest.Tool{Daemon: w.service}
	other.Must(t, "", "opensc-tool", "--card-driver", "default", "--reset")
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	w.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}
