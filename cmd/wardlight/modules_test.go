//go:build cgo && linux

package main

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader/pkcs11"
	"wardlight/cardreader/pkcs11/pkcs11test"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/client/hubtest"
	"wardlight/internal/certtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/schematest"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// A nurse's card that is not PIV signs in: the PIV driver fails and SoftHSM, as its vendor's module, supports it.
func TestACardOfAnotherVendorSignsInAtTheRealHub(t *testing.T) {
	store := pkcs11test.NewStore(t)
	w := newTestSite(t)
	issued, err := w.hub.Issue("nurse")
	if err != nil {
		t.Fatal(err)
	}

	store.Token(t, "nurse")
	store.Key(t, "nurse", "a1", "sign-in", issued.Key, issued.DER())
	t.Setenv("SOFTHSM2_CONF", store.Conf())
	t.Setenv("WARDLIGHT_CARD_MODULES", pkcs11test.SoftHSM)
	environ := []string{"SOFTHSM2_CONF=" + store.Conf(), "WARDLIGHT_CARD_MODULES=" + pkcs11test.SoftHSM}

	unknown := virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) { c.Quirks = virtual.NoApplication })
	if w.card, err = w.service.Plug(t.Context(), 0, unknown); err != nil {
		t.Fatal(err)
	}

	deadline := time.Now().Add(time.Minute)
	code, out, errs := w.command("card", "show")
	for code == exitCard && time.Now().Before(deadline) { // until pcscd reports the card
		code, out, errs = w.command("card", "show")
	}

	if code != exitDone || !strings.Contains(out, "PKCS#11 (") || !strings.Contains(out, "999000000101") {
		t.Fatalf("card show: exit code %d, want %d, PKCS#11 and the UUID: %s%s", code, exitDone, out, errs)
	}

	term := w.startTerminal(environ...)
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
	term.ExpectModesRestored()
}

// The PIV driver reads a card that can sign in with it. Any other card is read by the vendor's module, here SoftHSM,
// unless card.driver names the driver.
func TestCardShow_WhichDriverReads(t *testing.T) {
	store := pkcs11test.NewStore(t)
	store.Token(t, "nurse")
	key := virtualtest.P256(t)
	store.Key(t, "nurse", "a1", "sign-in", key, virtualtest.Certificate(t, key, nil))
	w := newTestSite(t)
	t.Setenv("SOFTHSM2_CONF", store.Conf())
	t.Setenv("WARDLIGHT_CARD_MODULES", pkcs11test.SoftHSM)
	p521, edwards := certtest.P521(t), certtest.Ed25519(t)
	of := func(key crypto.Signer) func(*virtual.Config) {
		return func(c *virtual.Config) { c.Certificate = virtualtest.Certificate(t, key, nil) }
	}

	for _, c := range []struct {
		name           string
		edit           func(*virtual.Config)
		auto, piv, p11 string // driver or error code for each value of card.driver
		none           string // likewise for auto with card.modules none
	}{
		{"a PIV card", nil, "PIV", "PIV", "PKCS#11", "PIV"},
		{"no PIV application", func(c *virtual.Config) {
			c.Quirks = virtual.NoApplication
		}, "PKCS#11", "C30-6A82", "PKCS#11", "C30-6A82"},
		{"a PIV application without certificate", func(c *virtual.Config) {
			c.Certificate = nil
		}, "PKCS#11", "C50", "PKCS#11", "C50"},
		{"P-521", of(p521), "PKCS#11", "C53", "PKCS#11", "C53"},
		{"Ed25519", of(edwards), "PKCS#11", "C53", "PKCS#11", "C53"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plugged, err := w.service.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), c.edit))
			if err != nil {
				t.Fatal(err)
			}
			defer plugged.Pull()

			for deadline := time.Now().Add(time.Minute); ; { // until pcscd reports the card
				if _, out, _ := w.command("card", "readers"); strings.Contains(out, "a card, ATR") {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("pcscd did not report the card within a minute")
				}
			}

			for _, by := range []struct{ driver, modules, want string }{
				{"auto", pkcs11test.SoftHSM, c.auto},
				{"auto", "none", c.none},
				{"piv", pkcs11test.SoftHSM, c.piv},
				{"pkcs11", pkcs11test.SoftHSM, c.p11},
			} {
				t.Setenv("WARDLIGHT_CARD_DRIVER", by.driver)
				t.Setenv("WARDLIGHT_CARD_MODULES", by.modules)
				_, out, errs := w.command("card", "show", "--json")
				var d cardDocument
				if err := json.Unmarshal([]byte(out), &d); err != nil {
					t.Fatalf("card show --json: %v: %s%s", err, out, errs)
				}
				got, _, _ := strings.Cut(d.Driver, " ")
				if d.Problem != nil {
					got = d.Problem.Code
				}
				if got != by.want {
					t.Errorf("card.driver %q, card.modules %s: got %q, want %q", by.driver, by.modules, got, by.want)
				}
			}
		})
	}

	t.Setenv("WARDLIGHT_CARD_DRIVER", "usb")
	if code, _, errs := w.command("card", "show"); code != exitUsage ||
		!strings.Contains(errs, `"usb" is none of auto, piv, pkcs11`) {
		t.Errorf("unknown card.driver: exit code %d, want %d and the valid names: %s", code, exitUsage, errs)
	}
}

// A vendor's card whose module returns a general error for a wrong passcode, or loses the card then.
func TestAVendorsCardTellsOfTheTries(t *testing.T) {
	store := pkcs11test.NewStore(t)
	store.Token(t, "nurse")
	key := virtualtest.P256(t)
	store.Key(t, "nurse", "a1", "sign-in", key, virtualtest.Certificate(t, key, nil))
	w := newTestSite(t)
	w.put(t, virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) {
		c.Quirks = virtual.NoApplication
	}), nil)

	t.Setenv("SOFTHSM2_CONF", store.Conf())

	say := func(mode, passcode string, want wantFailure) {
		t.Helper()
		shim := pkcs11test.NewShim(t)
		for _, entry := range shim.Environ(nil, mode) {
			name, value, _ := strings.Cut(entry, "=")
			t.Setenv(name, value)
		}
		t.Setenv("WARDLIGHT_CARD_MODULES", shim.Path)
		test := w.asks("card", "test")
		test.passcode = passcode
		test.expect(t, want)
	}

	show := func(want string) {
		t.Helper()
		t.Setenv("SHIM_MODE", "")
		if _, out, errs := w.command("card", "show"); !strings.Contains(out, want) {
			t.Errorf("card show: got %s%s, want %q in it", out, errs, want)
		}
	}

	say("pulled at login", pkcs11test.Passcode, wantFailure{
		exitCard, "C26-CKR-32",
		"The smartcard was removed. A passcode try may have been used.", "Put it back",
	})

	show("Passcode tries left  Not Known\n")
	say("wrong is a general error", "00000000",
		wantFailure{exitCard, "C41-CKR-5", "Passcode not correct. Few tries are left.", ""})
	show("Passcode tries left  few: wrong passcodes were typed\n")
	say("lose at login", pkcs11test.Passcode, wantFailure{exitCard, "C01-CKR-5", "The card's software (PKCS#11 " +
		"module) failed while it checked the passcode. A passcode try may have been used.", "look at the tries left"})
	say("last try", "00000000", wantFailure{
		exitCard, "C42-CKR-A0",
		"Passcode not correct. This smartcard is now locked.", "self-service unlock",
	})

	say("", pkcs11test.Passcode, wantFailure{exit: exitDone})
	show("Passcode tries left  Not Known\n")
}

// The intermediate CA between the certificate and the trusted root is stored on the vendor's card. The program sends
// it to the hub.
func TestTheCAsOnAVendorsCardAreSentAlong(t *testing.T) {
	now := time.Now()
	root := newIssuer(t, "Trust Root", now.AddDate(-5, 0, 0), now.AddDate(5, 0, 0))
	issuing := root.below(t, "Trust Issuing CA", now.AddDate(-4, 0, 0), now.AddDate(4, 0, 0))
	who := issuing.issue(t, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0)
	})

	store := pkcs11test.NewStore(t)
	store.Token(t, "nurse")
	store.Key(t, "nurse", "a1", "sign-in", who.Key, who.Certificate.Raw)
	store.Certificate(t, "nurse", "c1", "issuing CA", issuing.certificate.Raw)
	store.Certificate(t, "nurse", "c2", "root", root.certificate.Raw)
	w := newTestSite(t)
	w.put(t, virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) {
		c.Quirks = virtual.NoApplication
	}), nil)

	hub := hubtest.New(t, time.Now)
	sent := make(chan []string, 1)
	hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
		head, _, _ := strings.Cut(r.PostFormValue("assertion"), ".")
		raw, err := base64.RawURLEncoding.DecodeString(head)
		var header struct {
			Chain []string `json:"x5c"`
		}
		if err == nil {
			err = json.Unmarshal(raw, &header)
		}
		if err != nil {
			t.Error(err)
		}
		sent <- header.Chain
		hubtest.RefuseSignIn(w, r, http.StatusBadRequest, "invalid_grant", "certificate_untrusted")
	})

	t.Setenv("SOFTHSM2_CONF", store.Conf())
	t.Setenv("WARDLIGHT_CARD_MODULES", pkcs11test.SoftHSM)
	t.Setenv("WARDLIGHT_CARD_CA_FILE", certificateFile(t, root.certificate.Raw))
	t.Setenv("WARDLIGHT_HUB_URL", hub.URL)
	t.Setenv("WARDLIGHT_HUB_CA_FILE", certificateFile(t, hub.Certificate().Raw))
	_, out, errs := w.command("doctor")
	if want := "issued by Trust Issuing CA; chain checked, revocation not before the sign-in. (D40)"; !strings.Contains(
		out, want,
	) {
		t.Errorf("doctor: got %s%s, want %q in it", out, errs, want)
	}

	alert := w.asks("alert", "9990000018")
	alert.passcode = pkcs11test.Passcode
	alert.expect(t, wantFailure{exitSignIn, "H40", "The hub does not trust this smartcard.", "Use your NHS smartcard"})
	want := []string{
		base64.StdEncoding.EncodeToString(who.Certificate.Raw),
		base64.StdEncoding.EncodeToString(issuing.certificate.Raw),
	}

	select {
	case got := <-sent:
		if !slices.Equal(got, want) {
			t.Errorf("certificates sent: got %d, want the card's and the issuing CA's", len(got))
		}
	default:
		t.Error("no certificates were sent")
	}
}

func TestTheModulesAreListedWithWhatTheySee(t *testing.T) {
	store := pkcs11test.NewStore(t)
	store.Token(t, "nurse")
	w := newTestSite(t)
	t.Setenv("SOFTHSM2_CONF", store.Conf())
	t.Setenv("WARDLIGHT_CARD_MODULES", pkcs11test.SoftHSM+":/nowhere/module.so")
	code, out, errs := w.command("card", "modules", "--json")
	var d modulesDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != exitCard {
		t.Fatalf("card modules --json: exit code %d, want %d, error %v: %s%s", code, exitCard, err, out, errs)
	}

	if d.Schema != "wardlight.modules/1" || len(d.Modules) != 2 {
		t.Fatal(out)
	}

	schematest.Output(t, []byte(out))
	soft, absent := d.Modules[0], d.Modules[1]
	if !soft.Configured || !soft.Installed || !soft.Loads || soft.Library == nil ||
		soft.Library.Manufacturer != "SoftHSM" || soft.Error != nil ||
		len(soft.Slots) != 2 || soft.Slots[0].Token == nil || soft.Slots[0].Token.Label != "nurse" ||
		soft.Slots[0].Token.Passcode != "4 to 64 letters, digits or signs" {
		t.Errorf("module SoftHSM: got %+v, want it loaded, with the token \"nurse\" in the first of 2 slots", soft)
	}

	if absent.Installed || absent.Loads || absent.Error == nil || absent.Error.Code != "C01" {
		t.Errorf("missing module: got %+v, want the error C01", absent)
	}

	t.Setenv("WARDLIGHT_CARD_MODULES", pkcs11test.SoftHSM)
	code, out, errs = w.command("card", "modules")
	if code != exitDone || !strings.Contains(out, "loads: ") ||
		!strings.Contains(out, `card "nurse" of SoftHSM project, passcode of 4 to 64 letters`) {
		t.Errorf("card modules: exit code %d, want %d and the loaded module: %s%s", code, exitDone, out, errs)
	}

	t.Setenv("WARDLIGHT_CARD_MODULES", "none")
	if code, out, errs = w.command("card", "modules"); code != exitDone ||
		!strings.Contains(out, "card.modules says none") {
		t.Errorf("card modules with card.modules none: exit code %d, want %d: %s%s", code, exitDone, out, errs)
	}
}

func TestTheKnownModulesAreTriedUnlessOthersAreNamed(t *testing.T) {
	b := setUp(t)
	b.world.program = ownBinary()
	a := &app{environment: b.world, given: func() map[string]string { return nil }}
	if _, err := a.load(); err != nil {
		t.Fatal(err)
	}
	if got := modulesOf(a.modules.settings); len(got) == 0 || got[0].Named || got[len(got)-1].Vendor == "" {
		t.Errorf("modulesOf(default settings) = %+v, want the known modules", got)
	}
	b.world.environ = append(b.world.environ, "WARDLIGHT_CARD_MODULES=/opt/vendor.so")
	a = &app{environment: b.world, given: a.given}
	if _, err := a.load(); err != nil {
		t.Fatal(err)
	}
	if got := modulesOf(a.modules.settings); len(got) != 1 ||
		got[0] != (pkcs11.Module{Path: "/opt/vendor.so", Named: true}) {
		t.Errorf("modulesOf(card.modules /opt/vendor.so) = %+v, want this module alone", got)
	}
}
