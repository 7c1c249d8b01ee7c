package tui

import (
	"strings"
	"testing"

	"wardlight/cardreader"
)

func TestACardOfAnotherVendorTakesLettersInItsOwnLength(t *testing.T) {
	b := newBench(t)
	b.desk.card.Form = cardreader.Form{Min: 4, Max: 15, Letters: true}
	b.desk.card.Tries, b.desk.card.TriesLow = -1, true
	b.cardIn().answer().says("4 to 15 letters, digits or signs, then Enter.", "Tries left fewer than usual",
		"Wrong passcodes were typed, and this card does not say how many tries are left. If you are not sure, stop")
	b.Typed("abc").Press("enter").answer()
	b.never("sign in").says("A passcode has 4 to 15 letters, digits or signs. No try was used.")
	b.Typed("£").says("signs of the English keyboard only")
	b.Typed("Pass-4711").Press("enter").answer().says("Find a patient")
	if b.desk.passcode != "Pass-4711" {
		t.Errorf("signed in with passcode %q, want Pass-4711", b.desk.passcode)
	}
}

func TestLettersTypedBeforeTheCardIsReadWaitForWhatTheCardTakes(t *testing.T) {
	b := newBench(t).cardIn().Typed("pass4711").Press("enter")
	b.says("Signing in as soon as the card has been read.").answer()
	b.never("sign in").says("A passcode has 6 to 8 digits. No try was used.")

	b = newBench(t)
	b.desk.card.Form = cardreader.Form{Min: 4, Max: 15, Letters: true}
	b.cardIn().Typed("pass4711").Press("enter").answer().says("Find a patient")
	if b.desk.passcode != "pass4711" {
		t.Errorf("signed in with passcode %q, want pass4711", b.desk.passcode)
	}
}

// A card that was locked by a wrong passcode shows no tries left, even if its vendor's software still reports some.
func TestALockedCardShowsNoTry(t *testing.T) {
	b := newBench(t)
	b.desk.card.Tries = 1
	b.desk.signInErr = &cardreader.Error{Kind: cardreader.Locked, Detail: "Passcode not correct. This smartcard is now locked."}
	b.cardIn().answer().says("Tries left 1, the last").Typed(code).Press("enter").answer()
	b.says("This smartcard is locked.").silent("Tries left", "the last")
	b.Press("r").silent("Tries left", "the last")
}

// If the common name on a card is not a UUID, it is shown without the word UUID.
func TestACommonNameThatIsNoUUIDIsNotCalledOne(t *testing.T) {
	b := newBench(t)
	b.desk.card.UUID, b.desk.card.Name = "", "Sample, Ada"
	b.cardIn().answer().says("Name Sample, Ada").silent("UUID")
}

// In linear mode, too, the prompt shows when few tries are left, and shows none for a locked card.
func TestTheLinesTellOfTheTries(t *testing.T) {
	h := hear(t)
	h.desk.card.Tries, h.desk.card.TriesLow = -1, true
	h.card().hears("Tries left: fewer than usual", "Wrong passcodes were typed, and this card does not say how many tries are left.", "Passcode, ")
	h.desk.signInErr = &cardreader.Error{Kind: cardreader.Locked, Detail: "Passcode not correct. This smartcard is now locked."}
	h.types(code)
	if said := h.Heard(); !strings.Contains(said, "This smartcard is locked.") || strings.Contains(said, "Tries left") {
		t.Errorf("after the card was locked, output %q, want no tries left", said)
	}
}
