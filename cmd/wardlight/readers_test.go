//go:build linux

package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader/virtual"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // the words of the scenario
)

// manyReaders are as many as pcscd has room for, two for each name.
var manyReaders = []string{"Tür 1", "Tür 2", "Tür 3", "Tür 4", "Tür 5", "Tür 6", "Tür 7", "Tür 8"}

// withReaders is the same ward with a pcscd of its own that has two readers for each name.
func (w *ward) withReaders(t *testing.T, names ...string) *ward {
	t.Helper()
	return &ward{t: t, program: w.program, hub: w.hub, service: pcscdtest.StartReaders(t, labtest.Dir(t), names...)}
}

// plug puts the card into the reader of that number and waits until the service has seen it.
func (w *ward) plug(t *testing.T, slot int, card *virtual.Card) *pcscd.Plugged {
	t.Helper()
	before := w.cardsIn(t)
	plugged, err := w.service.Plug(t.Context(), slot, card)
	if err != nil {
		t.Fatal(err)
	}
	w.untilCardsIn(t, before+1)
	return plugged
}

func (w *ward) cardsIn(t *testing.T) int {
	t.Helper()
	_, out, _ := w.command("card", "readers")
	return strings.Count(out, "   a card")
}

func (w *ward) untilCardsIn(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); w.cardsIn(t) != want; {
		if time.Now().After(deadline) {
			t.Fatalf("the service does not see %d cards: %s", want, w.service.Log())
		}
	}
}

// read runs a command and returns its document.
func (w *ward) read(t *testing.T, exit int, args ...string) any {
	t.Helper()
	code, out, errs := w.command(append(args, "--json")...)
	var d any
	if err := json.Unmarshal([]byte(out), &d); code != exit || err != nil {
		t.Fatalf("%v: exit %d, want %d, %v: %s%s", args, code, exit, err, out, errs)
	}
	return d
}

// Sixteen readers, one staff card, and in others what is in the readers of hospitals: a badge, a security key without
// certificate, a card the wrong way round, a card that hangs.
func TestReaders_StaffCardAmongOthersOverTheRealService(t *testing.T) {
	t.Parallel() // a ward of its own
	w := newWard(t)
	w = w.withReaders(t, manyReaders...)
	clerk := w.maker(t, "clerk")

	badge := w.plug(t, 0, clerk(func(c *virtual.Config) { c.Quirks = virtual.NoApplication }))
	holds(t, w.read(t, exitCard, "card", "show"), map[string]any{"reader": "Tür 1 00 00", "error.code": "C30-6A82"})
	w.plug(t, 3, clerk(func(c *virtual.Config) { c.Certificate = nil }))
	w.plug(t, 5, clerk(func(c *virtual.Config) { c.ATR = make([]byte, 34) }))
	nurse := w.plug(t, 15, w.named(t, "nurse"))

	holds(t, w.read(t, exitDone, "card", "show"), map[string]any{"reader": "Tür 8 00 01", "driver": "PIV", "error": nil})
	holds(t, w.read(t, exitDone, "card", "test"), map[string]any{"reader": "Tür 8 00 01", "passed": true})
	holds(t, w.read(t, exitDone, "alert", people.OnPlan.Digits()), map[string]any{"state": "alert"})
	doctor := w.read(t, exitDone, "doctor", "--sign-in")
	holds(t, doctor, map[string]any{"checks.2.code": "D20", "checks.9.code": "D80"})
	// Two of them are read by modules, too, and on a busy computer given up (C29) once the staff card has been read.
	passed := regexp.MustCompile(`^A card answers in Tür 8 00 01: ATR 3B 87 01 80 31 C0 73 C0 21 C0 A5\. ` +
		`Passed over: Tür 1 00 00 \((C30-6A82|C29)\); Tür 2 00 01 \((C50|C29)\); Tür 3 00 01 \(C22\)\.$`)
	if said := at(t, doctor, "checks.2.sentence").(string); !passed.MatchString(said) {
		t.Errorf("the doctor says %q", said)
	}

	term := w.sit()
	term.Expect(Contains("Passcode"), Contains("Reader"), Contains("Tür 8 00 01"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	badge.Pull()
	w.untilCardsIn(t, 3)
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"))
	nurse.Pull()
	term.Expect(Contains("Card removed. Session ended."), Contains("Code for support: C22")) // what is still in
	term.Press("q").Wait()
}

// Two staff cards: nobody but the user knows which is meant.
func TestReaders_TwoStaffCardsOverTheRealService(t *testing.T) {
	t.Parallel() // a ward of its own
	w := newWard(t)
	nurse, gp := w.plug(t, 0, w.named(t, "nurse")), w.plug(t, 1, w.named(t, "gp"))
	const first, second = "Virtual PCD 00 00", "Virtual PCD 00 01"
	for _, command := range [][]string{{"card", "show"}, {"card", "test"}, {"alert", people.OnPlan.Digits()}, {"doctor", "--sign-in"}} {
		code, _, errs := w.command(command...)
		if code != exitUsage || !strings.Contains(errs, "several cards can sign in: ") || !strings.Contains(errs, " in "+first+"; ") ||
			!strings.Contains(errs, " in "+second) || !strings.Contains(errs, "--reader") {
			t.Errorf("%v: exit %d: %s", command, code, errs)
		}
	}
	holds(t, w.read(t, exitDone, "doctor"), map[string]any{"checks.2.code": "D21", "checks.2.state": "warning"})
	holds(t, w.read(t, exitDone, "card", "test", "--reader", "00 01"), map[string]any{"reader": second, "key": "P-384", "passed": true})

	term := w.sit()
	term.Expect(Contains("Which smartcard?"), Contains("in "+first), Contains("in "+second))
	term.Insist("2", Contains("Passcode"))
	term.Expect(Contains("Tries left"), Contains(second))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	nurse.Pull() // the other card's coming and going is of no matter to the session
	w.untilCardsIn(t, 1)
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"))
	gp.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}

// A card that stops answering is passed over as soon as another one can sign in.
func TestReaders_CardThatHangsOverTheRealService(t *testing.T) {
	t.Parallel() // a ward of its own
	w := newWard(t)
	let := make(chan struct{})
	w.plug(t, 0, w.maker(t, "clerk")(func(c *virtual.Config) { c.Before = func(byte) { <-let } }))
	w.plug(t, 1, w.named(t, "nurse"))
	holds(t, w.read(t, exitDone, "card", "show"), map[string]any{"reader": "Virtual PCD 00 01", "error": nil})
	holds(t, w.read(t, exitDone, "doctor"), map[string]any{"checks.2.code": "D20"})
	close(let)
}
