//go:build cgo && linux

package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader/pkcs11"
	"wardlight/cardreader/pkcs11/pkcs11test"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // the words of the scenario
)

// A nurse's card that is not PIV: the reader shows a stranger, and its vendor's module, which is SoftHSM, knows it.
func TestACardOfAnotherVendorSignsInAtTheRealHub(t *testing.T) {
	store := pkcs11test.NewStore(t)
	w := newWard(t)
	issued, err := w.hub.Issue("nurse")
	if err != nil {
		t.Fatal(err)
	}
	store.Token(t, "nurse")
	store.Key(t, "nurse", "a1", "sign-in", issued.Key, issued.DER())
	t.Setenv("SOFTHSM2_CONF", store.Conf())
	t.Setenv("WARDLIGHT_CARD_MODULES", pkcs11test.SoftHSM)
	environ := []string{"SOFTHSM2_CONF=" + store.Conf(), "WARDLIGHT_CARD_MODULES=" + pkcs11test.SoftHSM}

	stranger := virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) { c.Quirks = virtual.NoApplication })
	if w.card, err = w.service.Plug(t.Context(), 0, stranger); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	code, out, errs := w.command("card", "show")
	for code == exitCard && time.Now().Before(deadline) { // until the service has seen the card
		code, out, errs = w.command("card", "show")
	}
	if code != exitDone || !strings.Contains(out, "PKCS#11 (") || !strings.Contains(out, "999000000101") {
		t.Fatalf("card show: exit %d: %s%s", code, out, errs)
	}

	term := w.sit(environ...)
	term.Expect(Contains("Passcode"), Contains("letters, digits or signs, then Enter."))
	term.Type("Wrong-123").Press("enter")
	term.Expect(Contains("Passcode not correct."))
	term.Type(pkcs11test.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))
	w.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
	term.ExpectNothingLeftOver()
}

func TestTheModulesAreListedWithWhatTheySee(t *testing.T) {
	store := pkcs11test.NewStore(t)
	store.Token(t, "nurse")
	w := newWard(t)
	t.Setenv("SOFTHSM2_CONF", store.Conf())
	t.Setenv("WARDLIGHT_CARD_MODULES", pkcs11test.SoftHSM+":/nowhere/module.so")
	code, out, errs := w.command("card", "modules", "--json")
	var d modulesDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != exitCard {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	if d.Schema != "wardlight.modules/1" || len(d.Modules) != 2 {
		t.Fatal(out)
	}
	soft, absent := d.Modules[0], d.Modules[1]
	if !soft.Configured || !soft.Installed || !soft.Loads || soft.Library == nil || soft.Library.Manufacturer != "SoftHSM" || soft.Error != nil ||
		len(soft.Slots) != 2 || soft.Slots[0].Token == nil || soft.Slots[0].Token.Label != "nurse" || soft.Slots[0].Token.Passcode != "4 to 64 letters, digits or signs" {
		t.Errorf("SoftHSM is %+v", soft)
	}
	if absent.Installed || absent.Loads || absent.Error == nil || absent.Error.Code != "C01" {
		t.Errorf("the absent one is %+v", absent)
	}

	t.Setenv("WARDLIGHT_CARD_MODULES", pkcs11test.SoftHSM)
	code, out, errs = w.command("card", "modules")
	if code != exitDone || !strings.Contains(out, "loads: ") || !strings.Contains(out, `card "nurse" of SoftHSM project, passcode of 4 to 64 letters`) {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	t.Setenv("WARDLIGHT_CARD_MODULES", "none")
	if code, out, errs = w.command("card", "modules"); code != exitDone || !strings.Contains(out, "card.modules says none") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestTheKnownModulesAreTriedUnlessOthersAreNamed(t *testing.T) {
	b := setUp(t)
	b.world.program = ownBinary()
	a := &app{world: b.world, given: func() map[string]string { return nil }}
	if _, err := a.load(); err != nil {
		t.Fatal(err)
	}
	if got := modulesOf(a.modules.settings); len(got) == 0 || got[0].Named || got[len(got)-1].Vendor == "" {
		t.Errorf("modules are %+v", got)
	}
	b.world.environ = append(b.world.environ, "WARDLIGHT_CARD_MODULES=/opt/vendor.so")
	a = &app{world: b.world, given: a.given}
	if _, err := a.load(); err != nil {
		t.Fatal(err)
	}
	if got := modulesOf(a.modules.settings); len(got) != 1 || got[0] != (pkcs11.Module{Path: "/opt/vendor.so", Named: true}) {
		t.Errorf("modules are %+v", got)
	}
}
