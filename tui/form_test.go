package tui

import (
	"strings"
	"testing"

	"wardlight/cardreader"
)

func TestACardOfAnotherVendorTakesLettersInItsOwnLength(t *testing.T) {
	b := newFixture(t)
	b.sessions.card.Form = cardreader.Form{Min: 4, Max: 15, Letters: true}
	b.sessions.card.Tries, b.sessions.card.TriesLow = -1, true
	b.cardIn().deliver().expect("4 to 15 letters, digits or signs, then Enter.", "Tries left fewer than usual",
		"Wrong passcodes were typed, and this card does not say how many tries are left. If you are not sure, stop")
	b.Typed("abc").Press("enter").deliver()
	b.expectNoCall("sign in").expect("A passcode has 4 to 15 letters, digits or signs. No try was used.")
	b.Typed("£").expect("signs of the English keyboard only")
	b.Typed("Pass-4711").Press("enter").deliver().expect("Find a patient")
	if b.sessions.passcode != "Pass-4711" {
		t.Errorf("signed in with passcode %q, want Pass-4711", b.sessions.passcode)
	}
}

func TestLettersTypedBeforeTheCardIsReadWaitForWhatTheCardTakes(t *testing.T) {
	b := newFixture(t).cardIn().Typed("pass4711").Press("enter")
	b.expect("Signing in as soon as the card has been read.").deliver()
	b.expectNoCall("sign in").expect("A passcode has 6 to 8 digits. No try was used.")

	b = newFixture(t)
	b.sessions.card.Form = cardreader.Form{Min: 4, Max: 15, Letters: true}
	b.cardIn().Typed("pass4711").Press("enter").deliver().expect("Find a patient")
	if b.sessions.passcode != "pass4711" {
		t.Errorf("signed in with passcode %q, want pass4711", b.sessions.passcode)
	}
}

// A card that was locked by a wrong passcode shows no tries left, even if its vendor's software still reports some.
func TestALockedCardShowsNoTry(t *testing.T) {
	b := newFixture(t)
	b.sessions.card.Tries = 1
	b.sessions.signInErr = &cardreader.Error{
		Kind:   cardreader.Locked,
		Detail: "Passcode not correct. This smartcard is now locked.",
	}
	b.cardIn().deliver().expect("Tries left 1, the last").Typed(code).Press("enter").deliver()
	b.expect("This smartcard is locked.").expectNot("Tries left", "the last")
	b.Press("r").expectNot("Tries left", "the last")
}

// If the common name on a card is not a UUID, it is shown without the word UUID.
func TestACommonNameThatIsNoUUIDIsNotCalledOne(t *testing.T) {
	b := newFixture(t)
	b.sessions.card.UUID, b.sessions.card.Name = "", "Sample, Ada"
	b.cardIn().deliver().expect("Name Sample, Ada").expectNot("UUID")
}

// In linear mode, too, the prompt shows when few tries are left, and shows none for a locked card.
func TestTheLinesTellOfTheTries(t *testing.T) {
	h := hear(t)
	h.sessions.card.Tries, h.sessions.card.TriesLow = -1, true
	h.card().expectSaid("Tries left: fewer than usual", "Wrong passcodes were typed, and this card does not say "+
		"how many tries are left.", "Passcode, ")
	h.sessions.signInErr = &cardreader.Error{
		Kind:   cardreader.Locked,
		Detail: "Passcode not correct. This smartcard is now locked.",
	}
	h.types(code)
	if said := h.Heard(); !strings.Contains(said, "This smartcard is locked.") || strings.Contains(said, "Tries left") {
		t.Errorf("after the card was locked, output %q, want no tries left", said)
	}
}
