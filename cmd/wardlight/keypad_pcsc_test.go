//go:build linux

package main

import (
	"strings"
	"testing"

	"wardlight/cardreader/pcsc/pcsctest"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// A PIV card in a reader that verifies a passcode typed on its own keypad (FEATURE_VERIFY_PIN_DIRECT). vpcd has no
// such reader, so a proxy between the program and a real pcscd emulates the feature.
func TestSignIn_ReaderWithKeysOverTheRealService(t *testing.T) {
	w := newTestSite(t)
	card := w.named(t, "nurse")
	w.plug(t, 0, card)
	keypad := pcsctest.NewKeypad(t, labtest.Dir(t), w.service.Socket())
	sit := func() *Terminal {
		t.Helper()
		return Start(t, Options{Answer: true, Env: []string{"PCSCLITE_CSOCK_NAME=" + keypad.Socket}}, w.program,
			"--config", w.hub.ConfigFile())
	}

	gets := func(exit int, code string, args ...string) {
		t.Helper()
		c := w.asks(args...)
		c.socket = keypad.Socket
		got := c.answer(t)
		if got.exit != exit || got.code != code {
			t.Errorf("%q: exit code %d, support code %q (%s); want %d, %q",
				args, got.exit, got.code, got.sentence, exit, code)
		}
	}

	keypad.Type(cards.Passcode, nil)
	gets(exitDone, "", "card", "test")
	gets(exitDone, "", "alert", people.OnPlan.Digits())
	if n := len(keypad.Asked()); n != 2 {
		t.Errorf("passcode requests to the reader: got %d, want 2", n)
	}

	term := sit()
	term.Expect(Contains("Press Enter, then type the passcode on the"))
	term.Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Press("ctrl+c").Type("y").Wait()

	before := len(keypad.Asked())
	t.Setenv("WARDLIGHT_READER_KEYPAD", "false")
	gets(exitDone, "", "card", "test")
	if n := len(keypad.Asked()) - before; n != 0 {
		t.Errorf("passcode requests to the reader with reader.keypad false: got %d, want 0", n)
	}

	t.Setenv("WARDLIGHT_READER_KEYPAD", "true")

	keypad.Type("", []byte{0x64, 0x01})
	gets(exitCard, "C44-6401", "card", "test")
	keypad.Type("", []byte{0x64, 0x00})
	gets(exitCard, "C44-6400", "card", "test")
	if n := card.TriesLeft(); n != cards.Tries {
		t.Errorf("tries left after timeout and cancel: got %d, want %d", n, cards.Tries)
	}

	term = sit()
	term.Expect(Contains("Press Enter, then type the passcode on the"))
	term.Press("enter")
	term.Expect(Contains("The passcode was not typed on the reader in time."), Contains("C44-6400"))
	term.Press("ctrl+c").Wait()
	keypad.Type("135790", nil)
	gets(exitCard, "C41-63C2", "card", "test")
	gets(exitCard, "C41-63C1", "card", "test")
	gets(exitCard, "C42-63C0", "card", "test")
	if card.Verified() {
		t.Error("the card is verified after wrong passcodes")
	}

	for _, structure := range keypad.Asked() {
		if strings.Contains(string(structure), cards.Passcode) || len(structure) != 32 {
			t.Errorf("PIN_VERIFY structure: got % X, want 32 bytes without the passcode", structure)
		}
	}
}
