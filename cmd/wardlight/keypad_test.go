//go:build cgo && linux

package main

import (
	"strings"
	"testing"

	"wardlight/cardreader/pkcs11/pkcs11test"
	"wardlight/cardreader/virtual"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// A nurse's card whose module requires that the passcode is typed on the reader (CKF_PROTECTED_AUTHENTICATION_PATH).
func TestSignIn_ModuleOfAReaderWithKeys(t *testing.T) {
	store, shim := pkcs11test.NewStore(t), pkcs11test.NewShim(t)
	w := newTestSite(t)
	issued, err := w.hub.Issue("nurse")
	if err != nil {
		t.Fatal(err)
	}

	store.Token(t, "nurse")
	store.Key(t, "nurse", "a1", "sign-in", issued.Key, issued.DER())
	w.plug(t, 0, w.maker(t, "nurse")(func(c *virtual.Config) { c.Quirks = virtual.NoApplication }))

	typed := func(mode, passcode string) (environ []string) {
		environ = append(shim.Keypad(nil, mode, passcode), "SOFTHSM2_CONF="+store.Conf(), "WARDLIGHT_CARD_MODULES="+
			shim.Path)
		for _, entry := range environ {
			name, value, _ := strings.Cut(entry, "=")
			t.Setenv(name, value)
		}
		return environ
	}

	right := typed("keypad", pkcs11test.Passcode)
	const asked = "Type the passcode on the reader."
	if code, out, errs := w.command("card", "test"); code != exitDone || !strings.Contains(errs, asked) {
		t.Errorf("card test: exit code %d, want %d and %q: %s%s", code, exitDone, asked, out, errs)
	}

	if code, out, errs := w.command("alert", people.OnPlan.Digits()); code != exitDone ||
		!strings.Contains(errs, asked) {
		t.Errorf("alert: exit code %d, want %d and %q: %s%s", code, exitDone, asked, out, errs)
	}

	term := w.startTerminal(right...)
	term.Expect(Contains("Press Enter, then type the passcode on the"))
	term.Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Press("ctrl+c").Type("y").Wait()

	typed("keypad", "Wrong-123")
	if code, _, errs := w.command("card", "test"); code != exitCard || !strings.Contains(errs, "C41-CKR-A0") {
		t.Errorf("card test with a wrong passcode: exit code %d, want %d and C41-CKR-A0: %s", code, exitCard, errs)
	}

	cancels := typed("keypad cancel", "")
	if code, _, errs := w.command("card", "test"); code != exitCard || !strings.Contains(errs, "C44-CKR-50") {
		t.Errorf("card test cancelled on the reader: exit code %d, want %d and C44-CKR-50: %s", code, exitCard, errs)
	}

	term = w.startTerminal(cancels...)
	term.Expect(Contains("Press Enter, then type the passcode on the"))
	term.Press("enter")
	term.Expect(Contains("The passcode was not typed on the reader."), Contains("C44"))
	term.Press("ctrl+c").Wait()
	if n := shim.Count(t, "passcode"); n != 0 {
		t.Errorf("passcodes passed to the module: got %d, want 0", n)
	}
}
