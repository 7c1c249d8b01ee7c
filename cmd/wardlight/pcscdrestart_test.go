package main

import (
	"testing"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// restartService kills pcscd, calls meanwhile, and starts it again with the nurse's card in the reader.
func (w *testSite) restartService(dir string, meanwhile func()) {
	w.t.Helper()
	w.service.Kill()
	meanwhile()
	w.service.Stop()
	w.service = pcscdtest.Start(w.t, dir)
	w.insert("nurse")
}

// TestServiceRestarted_SessionOpen restarts pcscd while an alert is open. Without the service the removal of the card
// would not be noticed, so the session ends and nothing about the patient remains on the screen.
func TestServiceRestarted_SessionOpen(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, dir := newTestSiteIn(t)
	w.insert("nurse")
	term := w.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	before := w.accesses(people.OnPlan)
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))
	term.PressUntil("o", Contains("RING NOW"))

	w.restartService(dir, func() {
		term.Expect(Contains("The smartcard service stopped. Session ended."), Contains("C10"))
		term.ExpectGone(Contains("Tess"), Contains("999 000 0018"), Contains("EXAMPLESHIRE"))
	})

	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))
	w.notified(1)
	if n := w.accesses(people.OnPlan); n != before+1 {
		t.Errorf("accesses after one opening: got %d more, want 1", n-before)
	}
	w.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}

// TestServiceRestarted_PasscodeBeingTyped restarts pcscd when a part of the passcode was typed. That part must not
// count afterwards, and no try may be lost.
func TestServiceRestarted_PasscodeBeingTyped(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, dir := newTestSiteIn(t)
	w.insert("nurse")
	term := w.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	term.Type(cards.Passcode[:3])

	w.restartService(dir, func() {
		term.Expect(Contains("The smartcard service on this computer is not running."), Contains("C10"),
			Not(Contains("Card removed")), Not(Contains("Tries left")))
	})

	// Within a second of the first digits, digits are taken for the rest of them. Then the screen asks for all again.
	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	term.TypeUntil(cards.Passcode, Contains("Find a patient"))
	w.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}
