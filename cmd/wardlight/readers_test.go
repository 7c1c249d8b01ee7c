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
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// manyReaders are the maximum that pcscd supports: two readers for each name.
var manyReaders = []string{"Tür 1", "Tür 2", "Tür 3", "Tür 4", "Tür 5", "Tür 6", "Tür 7", "Tür 8"}

// withReaders returns a copy of the ward with its own pcscd, which has two readers for each name.
func (w *testSite) withReaders(t *testing.T, names ...string) *testSite {
	t.Helper()
	return &testSite{t: t, program: w.program, hub: w.hub, service: pcscdtest.StartReaders(t, labtest.Dir(t), names...)}
}

// plug inserts the card into the reader with that index and waits until pcscd reports it.
func (w *testSite) plug(t *testing.T, slot int, card *virtual.Card) *pcscd.Plugged {
	t.Helper()
	before := w.cardsIn(t)
	plugged, err := w.service.Plug(t.Context(), slot, card)
	if err != nil {
		t.Fatal(err)
	}
	w.untilCardsIn(t, before+1)
	return plugged
}

func (w *testSite) cardsIn(t *testing.T) int {
	t.Helper()
	_, out, _ := w.command("card", "readers")
	return strings.Count(out, "   a card")
}

func (w *testSite) untilCardsIn(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); w.cardsIn(t) != want; {
		if time.Now().After(deadline) {
			t.Fatalf("pcscd did not report %d cards within a minute: %s", want, w.service.Log())
		}
	}
}

// read runs a command, checks its exit code, and returns its document.
func (w *testSite) read(t *testing.T, exit int, args ...string) any {
	t.Helper()
	code, out, errs := w.command(append(args, "--json")...)
	var d any
	if err := json.Unmarshal([]byte(out), &d); code != exit || err != nil {
		t.Fatalf("%q: exit code %d, want %d, error %v: %s%s", args, code, exit, err, out, errs)
	}
	return d
}

// Sixteen readers with one staff card, and other cards that are common in hospitals: a badge, a security key without a
// certificate, a card inserted the wrong way round, and a card that doesn't answer.
func TestReaders_StaffCardAmongOthersOverTheRealService(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	w = w.withReaders(t, manyReaders...)
	clerk := w.maker(t, "clerk")

	badge := w.plug(t, 0, clerk(func(c *virtual.Config) { c.Quirks = virtual.NoApplication }))
	checkMembers(t, w.read(t, exitCard, "card", "show"), map[string]any{
		"reader":     "Tür 1 00 00",
		"error.code": "C30-6A82",
	})

	w.plug(t, 3, clerk(func(c *virtual.Config) { c.Certificate = nil }))
	w.plug(t, 5, clerk(func(c *virtual.Config) { c.ATR = make([]byte, 34) }))
	nurse := w.plug(t, 15, w.named(t, "nurse"))

	checkMembers(t, w.read(t, exitDone, "card", "show"), map[string]any{
		"reader": "Tür 8 00 01", "driver": "PIV",
		"error": nil,
	})

	checkMembers(t, w.read(t, exitDone, "card", "test"), map[string]any{"reader": "Tür 8 00 01", "passed": true})
	checkMembers(t, w.read(t, exitDone, "alert", people.OnPlan.Digits()), map[string]any{"state": "alert"})
	doctor := w.read(t, exitDone, "doctor", "--sign-in")
	checkMembers(t, doctor, map[string]any{"checks.2.code": "D20", "checks.9.code": "D80"})

	// Two of these cards are read by modules, too. On a busy computer that ends with C29 once the staff card has been
	// read.
	passed := regexp.MustCompile(`^A card answers in Tür 8 00 01: ATR 3B 87 01 80 31 C0 73 C0 21 C0 A5\. ` +
		`Passed over: Tür 1 00 00 \((C30-6A82|C29)\); Tür 2 00 01 \((C50|C29)\); Tür 3 00 01 \(C22\)\.$`)
	if said := at(t, doctor, "checks.2.sentence").(string); !passed.MatchString(said) {
		t.Errorf("doctor: card check: got %q, want it to match %s", said, passed)
	}

	term := w.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Reader"), Contains("Tür 8 00 01"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	badge.Pull()
	w.untilCardsIn(t, 3)
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"))
	nurse.Pull()
	term.Expect(Contains("Card removed. Session ended."), Contains("Code for support: C22")) // the card still inserted
	term.Press("q").Wait()
}

// With two staff cards the user must choose the reader.
func TestReaders_TwoStaffCardsOverTheRealService(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	nurse, gp := w.plug(t, 0, w.named(t, "nurse")), w.plug(t, 1, w.named(t, "gp"))
	const first, second = "Virtual PCD 00 00", "Virtual PCD 00 01"
	for _, command := range [][]string{
		{"card", "show"},
		{"card", "test"},
		{"alert", people.OnPlan.Digits()},
		{"doctor", "--sign-in"},
	} {
		code, _, errs := w.command(command...)
		if code != exitUsage || !strings.Contains(errs, "several cards can sign in: ") ||
			!strings.Contains(errs, " in "+first+"; ") ||
			!strings.Contains(errs, " in "+second) || !strings.Contains(errs, "--reader") {
			t.Errorf("%q: exit code %d, want %d and both readers: %s", command, code, exitUsage, errs)
		}
	}

	checkMembers(t, w.read(t, exitDone, "doctor"), map[string]any{"checks.2.code": "D21", "checks.2.state": "warning"})
	checkMembers(t, w.read(t, exitDone, "card", "test", "--reader", "00 01"),
		map[string]any{"reader": second, "key": "P-384", "passed": true})

	term := w.startTerminal()
	term.Expect(Contains("Which smartcard?"), Contains("in "+first), Contains("in "+second))
	term.PressUntil("2", Contains("Passcode"))
	term.Expect(Contains("Tries left"), Contains(second))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	nurse.Pull() // the other card does not affect the session
	w.untilCardsIn(t, 1)
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"))
	gp.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}

// A card that stops answering is ignored as soon as another card can sign in.
func TestReaders_CardThatHangsOverTheRealService(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	let := make(chan struct{})
	w.plug(t, 0, w.maker(t, "clerk")(func(c *virtual.Config) { c.Before = func(byte) { <-let } }))
	w.plug(t, 1, w.named(t, "nurse"))
	checkMembers(t, w.read(t, exitDone, "card", "show"), map[string]any{"reader": "Virtual PCD 00 01", "error": nil})
	checkMembers(t, w.read(t, exitDone, "doctor"), map[string]any{"checks.2.code": "D20"})
	close(let)
}
