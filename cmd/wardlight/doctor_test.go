package main

import (
	"context"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual"
	"wardlight/client/hubtest"
)

// benchWithCard returns a bench whose card's certificate is valid for two more years.
func benchWithCard(t *testing.T) *fixture {
	t.Helper()
	b := setUp(t)
	b.insert(t, hubtest.EC(t, elliptic.P256(), noon.AddDate(-1, 0, 0), noon.AddDate(2, 0, 0)))
	return b
}

// insert inserts a card with the holder's certificate.
func (b *fixture) insert(t *testing.T, who hubtest.Holder) {
	t.Helper()
	c := virtual.Config{Key: who.Key, Passcode: []byte(passcode)}
	if who.Certificate != nil {
		c.Certificate = who.Certificate.Raw
	}
	card, err := virtual.New(c)
	if err != nil {
		t.Fatal(err)
	}
	b.card = card
	b.reader.Insert(card)
}

// set changes an environment variable; an empty value removes it.
func (b *fixture) set(name, value string) {
	b.world.environ = slices.DeleteFunc(slices.Clone(b.world.environ), func(e string) bool {
		return strings.HasPrefix(e, name+"=")
	})
	if value != "" {
		b.world.environ = append(b.world.environ, name+"="+value)
	}
}

// certificateFile writes a certificate as PEM.
func certificateFile(t *testing.T, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// allPass are the doctor's lines when all checks pass. <hub> stands for the hub's address.
var allPass = []string{
	"pass Smartcard service: The smartcard service is running. (D00)",
	"pass Readers: 1 reader: Virtual Reader. (D10)",
	"pass Card: A card answers in Virtual Reader: ATR 3B 87 01 80 31 C0 73 C0 21 C0 A5. (D20)",
	"pass Driver: PIV, key P-256. (D30)",
	"pass Certificate: UUID 999000000111, ends 22-Nov-2028, issued by 999000000111; chain and revocation not " +
		"checked before the sign-in. (D40)",
	"pass Passcode tries: 3 tries left. (D50)",
	"pass Clock: It agrees with the hub's to 0 s. (D60)",
	"pass Hub address: <hub> answers. (D70)",
	"pass Hub TLS: TLS 1.3, trusted; the hub's certificate ends 29-Jan-2084. (D75)",
	"not reached Sign-in: The sign-in was not tried: it needs the passcode. (D81)",
	"not reached Roles and codes: The roles were not checked: the hub tells them at sign-in. (D99)",
}

// allPassSignedIn are the lines that differ after a sign-in.
var allPassSignedIn = []string{
	"pass Certificate: UUID 999000000111, ends 22-Nov-2028, issued by 999000000111; the hub accepts it: chain " +
		"checked; whether revocation was, it does not say. (D40)",
	"pass Sign-in: UUID 999000000111 signed in and out again. (D80)",
	"pass Roles and codes: 1 of 1 role can find a patient, see the lamp and open: Nurse Access Role at EXAMPLE " +
		"GENERAL HOSPITAL, URID 999000000222. (D90)",
}

// notReached returns the "not reached" lines from the named check on, which all wait for the check named by ground.
func notReached(from, ground string) []string {
	rows := [][2]string{
		{"Readers", "D19"},
		{"Card", "D29"},
		{"Driver", "D39"},
		{"Certificate", "D49"},
		{"Passcode tries", "D59"},
		{"Sign-in", "D89"},
		{"Roles and codes", "D99"},
	}
	var out []string
	for started := false; len(rows) > 0; rows = rows[1:] {
		if started = started || rows[0][0] == from; started {
			out = append(out, "not reached "+rows[0][0]+": Not checked: "+ground+" comes first. ("+rows[0][1]+")")
		}
	}
	return out
}

// linesWith returns the lines of well, with the given lines replacing those of the same check.
func linesWith(groups ...[]string) []string {
	lines := slices.Clone(allPass)
	check := func(l string) string {
		head, _, _ := strings.Cut(l, ":")
		for _, state := range []string{"not reached ", "pass ", "warning ", "FAIL "} {
			head = strings.TrimPrefix(head, state)
		}
		return head
	}
	for _, changed := range slices.Concat(groups...) {
		i := slices.IndexFunc(lines, func(l string) bool { return check(l) == check(changed) })
		lines[i] = changed
	}
	return lines
}

func one(l string) []string { return []string{l} }

func TestDoctor_EveryFault(t *testing.T) {
	for name, c := range map[string]struct {
		breaks func(*testing.T, *fixture)
		args   string
		want   []string
		exit   int
	}{
		"all well":            {nil, "", allPass, exitDone},
		"all well, signed in": {nil, "--sign-in", linesWith(allPassSignedIn), exitDone},
		"the reader is named": {nil, "--reader virtual", allPass, exitDone},
		"no service": {func(_ *testing.T, b *fixture) {
			b.reader.Fail(&cardreader.Error{Kind: cardreader.ServiceDown, PCSC: 0x8010001D})
		}, "", linesWith(one("FAIL Smartcard service: The smartcard service on this computer is not running. "+
			"(C10-8010001D)"),
			notReached("Readers", "the smartcard service")), exitCard},
		"no reader": {
			func(_ *testing.T, b *fixture) { b.reader.Unplug() }, "",
			linesWith(one("FAIL Readers: No smartcard reader found. (C20)"), notReached("Card", "a reader")), exitCard,
		},
		"no reader of that name": {
			nil, "--reader Wall",
			linesWith(one(`FAIL Readers: No smartcard reader is called "Wall". (C20)`), notReached("Card", "a reader")),
			exitCard,
		},
		"no card": {
			func(_ *testing.T, b *fixture) { b.reader.Eject() }, "",
			linesWith(one("FAIL Card: No smartcard in the reader. (C21)"), notReached("Driver", "the card")), exitCard,
		},
		"mute": {
			func(_ *testing.T, b *fixture) { b.reader.InsertMute() }, "",
			linesWith(one("FAIL Card: The card is in but does not answer. (C22)"), notReached("Driver", "the card")),
			exitCard,
		},
		"another program has it": {
			func(_ *testing.T, b *fixture) { b.reader.SetExclusive(true) }, "",
			linesWith(one("FAIL Card: Another program is using your smartcard. (C24)"),
				notReached("Driver", "the card")), exitCard,
		},
		"not PIV": {func(_ *testing.T, b *fixture) {
			b.world.open = func(context.Context, cardreader.System, string) (cardreader.Card, error) {
				return nil, &cardreader.Error{Kind: cardreader.NotPIV, SW: 0x6A82}
			}
		}, "", linesWith(one("FAIL Driver: There is no driver for this card. (C30-6A82)"),
			notReached("Certificate", "the driver")), exitCard},
		"pulled while it was read": {
			func(_ *testing.T, b *fixture) {
				b.world.open = func(context.Context, cardreader.System, string) (cardreader.Card, error) {
					return nil, &cardreader.Error{Kind: cardreader.Removed, PCSC: 0x80100069}
				}
			}, "", linesWith(one("FAIL Card: The smartcard was removed. (C26-80100069)"),
				notReached("Driver", "the card")),
			exitCard,
		},
		"no certificate": {func(t *testing.T, b *fixture) {
			who := hubtest.EC(t, elliptic.P256(), noon, noon)
			who.Certificate = nil
			b.insert(t, who)
		}, "", linesWith(one("pass Driver: PIV. (D30)"),
			one("FAIL Certificate: This card has no sign-in certificate. (C50)"),
			notReached("Passcode tries", "the certificate")), exitCard},
		"ended": {func(t *testing.T, b *fixture) {
			b.insert(t, hubtest.EC(t, elliptic.P256(), noon.AddDate(-3, 0, 0), noon.AddDate(0, 0, -2)))
		}, "", linesWith(one("FAIL Certificate: Your certificate ended on 20-Nov-2026. (C51)"),
			notReached("Sign-in", "the certificate")), exitCard},
		"ends soon": {func(t *testing.T, b *fixture) {
			b.insert(t, hubtest.EC(t, elliptic.P256(), noon.AddDate(-3, 0, 0), noon.AddDate(0, 0, 20)))
		}, "", linesWith(one("warning Certificate: UUID 999000000111, ends 12-Dec-2026, issued by 999000000111; " +
			"chain and revocation not checked before the sign-in. It ends soon. (D41)")), exitDone},
		"of the CA that is set": {func(t *testing.T, b *fixture) {
			who := hubtest.EC(t, elliptic.P256(), noon.AddDate(-1, 0, 0), noon.AddDate(2, 0, 0))
			b.insert(t, who)
			b.set("WARDLIGHT_CARD_CA_FILE", certificateFile(t, who.Certificate.Raw))
		}, "", linesWith(one("pass Certificate: UUID 999000000111, ends 22-Nov-2028, issued by 999000000111; chain " +
			"checked, revocation not before the sign-in. (D40)")), exitDone},
		"of another CA": {func(t *testing.T, b *fixture) {
			b.set("WARDLIGHT_CARD_CA_FILE", certificateFile(t, b.hub.Certificate().Raw))
		}, "--sign-in", linesWith(one("FAIL Certificate: UUID 999000000111, ends 22-Nov-2028, issued by "+
			"999000000111: that CA is not in card.ca_file. (D42)"),
			notReached("Sign-in", "the certificate")), exitCard},
		"of a CA that has ended": {func(t *testing.T, b *fixture) {
			ca := newIssuer(t, "Sub CA", noon.AddDate(-5, 0, 0), noon.AddDate(0, 0, -2))
			b.insert(t, ca.issue(t))
			b.set("WARDLIGHT_CARD_CA_FILE", certificateFile(t, ca.certificate.Raw))
		}, "", linesWith(one("FAIL Certificate: UUID 999000000111, ends 22-Nov-2028, issued by Sub CA: the "+
			"certificate of its CA ended on 20-Nov-2026. (D45)"),
			notReached("Sign-in", "the certificate")), exitCard},
		"of a CA with the same name": {func(t *testing.T, b *fixture) {
			b.insert(t, newIssuer(t, "Sub CA", noon.AddDate(-5, 0, 0), noon.AddDate(5, 0, 0)).issue(t))
			b.set("WARDLIGHT_CARD_CA_FILE",
				certificateFile(t, newIssuer(t, "Sub CA", noon.AddDate(-5, 0, 0), noon.AddDate(5, 0, 0)).
					certificate.Raw))
		}, "", linesWith(one("FAIL Certificate: UUID 999000000111, ends 22-Nov-2028, issued by Sub CA: the "+
			"certificate's signature does not verify: it was altered, or is of another CA with the same name. (D44)"),
			notReached("Sign-in", "the certificate")), exitCard},
		"the CA of cards is not there": {
			func(_ *testing.T, b *fixture) { b.set("WARDLIGHT_CARD_CA_FILE", "absent.pem") }, "",
			linesWith(one("FAIL Certificate: WARDLIGHT_CARD_CA_FILE: card.ca_file: absent.pem: the file cannot be "+
				"read: no such file or directory. (D43)"), notReached("Sign-in", "the certificate")), exitUsage,
		},
		"one try left": {
			func(_ *testing.T, b *fixture) { b.useTries(2) }, "",
			linesWith(one("warning Passcode tries: 1 try left; after that the card locks. (D51)")), exitDone,
		},
		"locked": {
			func(_ *testing.T, b *fixture) { b.useTries(3) }, "--sign-in",
			linesWith(one("FAIL Passcode tries: This smartcard is locked. (C42)"),
				notReached("Sign-in", "the passcode tries")), exitCard,
		},
		"hub down": {func(_ *testing.T, b *fixture) { b.hub.Stop() }, "", linesWith(
			one("FAIL Hub address: The hub cannot be reached: <hub>. (H10)"), one("not reached Hub TLS: Not "+
				"checked: the hub's address comes first. (D74)"),
			one("not reached Clock: Not checked: the hub's address comes first. (D69)"),
			notReached("Sign-in", "the hub's address")), exitHub},
		"hub failing": {func(_ *testing.T, b *fixture) {
			b.hub.Answer(hubtest.Challenge, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
			})
		}, "--sign-in", linesWith(one("FAIL Hub address: The hub cannot answer now: <hub>. (H16-503)"),
			notReached("Sign-in", "the hub's address")), exitHub},
		"no such name": {func(_ *testing.T, b *fixture) {
			b.set("WARDLIGHT_HUB_URL", "https://hub.invalid")
		}, "", linesWith(
			one("FAIL Hub address: The name hub.invalid is not known to this network. (D73)"),
			one("not reached Hub TLS: Not checked: the hub's address comes first. (D74)"),
			one("not reached Clock: Not checked: the hub's address comes first. (D69)"),
			notReached("Sign-in", "the hub's address")), exitHub},
		"no hub set": {func(_ *testing.T, b *fixture) { b.set("WARDLIGHT_HUB_URL", "") }, "--sign-in", linesWith(
			one("FAIL Hub address: No hub is set. (D71)"), one("not reached Hub TLS: Not checked: the hub's "+
				"address comes first. (D74)"),
			one("not reached Clock: Not checked: the hub's address comes first. (D69)"),
			notReached("Sign-in", "the hub's address")), exitUsage},
		"wrong settings": {func(_ *testing.T, b *fixture) { b.set("WARDLIGHT_HUB_TIMEOUT", "soon") }, "", linesWith(
			one(`FAIL Hub address: WARDLIGHT_HUB_TIMEOUT: hub.timeout: "soon" is not a time. (D72)`),
			one("not reached Hub TLS: Not checked: the hub's address comes first. (D74)"),
			one("not reached Clock: Not checked: the hub's address comes first. (D69)"),
			notReached("Sign-in", "the hub's address")), exitUsage},
		"wrong CA": {func(t *testing.T, b *fixture) {
			other := hubtest.EC(t, elliptic.P256(), noon, noon.AddDate(1, 0, 0))
			b.set("WARDLIGHT_HUB_CA_FILE", certificateFile(t, other.Certificate.Raw))
		}, "", linesWith(
			one("FAIL Hub TLS: The hub's certificate is of an authority that is not trusted here (issued by O=Acme "+
				"Co). (H11)"),
			one("not reached Clock: Not checked: the hub's TLS comes first. (D69)"),
			notReached("Sign-in", "the hub's TLS")), exitHub},
		"clock 10 min slow": {func(_ *testing.T, b *fixture) {
			b.world.clock = func() time.Time { return noon.Add(-10 * time.Minute) }
		}, "--sign-in", linesWith(one("FAIL Clock: This computer's clock is 10 min slow. (H34)"),
			notReached("Sign-in", "the clock")), exitSignIn},
		"clock 40 s fast": {
			func(_ *testing.T, b *fixture) {
				b.world.clock = func() time.Time { return noon.Add(40 * time.Second) }
			}, "--sign-in", linesWith(allPassSignedIn, one("warning Clock: This computer's clock is 40 s fast. (D61)")),
			exitDone,
		},
		"wrong passcode": {func(_ *testing.T, b *fixture) { b.world.file = typedAs("000000") }, "--sign-in", linesWith(
			one("pass Passcode tries: 2 tries left. (D50)"),
			one("FAIL Sign-in: Passcode not correct. 2 tries left. (C41-63C2)"),
			notReached("Roles and codes", "the sign-in")), exitCard},
		"revoked": {func(_ *testing.T, b *fixture) {
			b.hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
				hubtest.RefuseSignIn(w, r, http.StatusBadRequest, "invalid_grant", "certificate_revoked")
			})
		}, "--sign-in", linesWith(one("FAIL Sign-in: This smartcard was revoked. (H42-400-certificate_revoked)"),
			notReached("Roles and codes", "the sign-in")), exitSignIn},
		"norole": {
			func(_ *testing.T, b *fixture) { b.hub.Person.Roles = nil }, "--sign-in",
			linesWith(allPassSignedIn, one("FAIL Roles and codes: This smartcard carries no role. (H31)")), exitSignIn,
		},
		"traceonly": {
			func(_ *testing.T, b *fixture) { b.hub.Person.Roles[0].Codes = []string{"B0264"} }, "--sign-in",
			linesWith(allPassSignedIn, one("FAIL Roles and codes: Nurse Access Role (URID 999000000222) lacks "+
				"B0107 (View Child Protection Plan). (H31)")), exitSignIn,
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := benchWithCard(t)
			if c.breaks != nil {
				c.breaks(t, b)
			}

			d := b.json(t, c.exit, append([]string{"doctor"}, strings.Fields(c.args)...)...)
			var got []string
			for _, row := range at(t, d, "checks").([]any) {
				l := row.(map[string]any)
				state := strings.ReplaceAll(strings.ReplaceAll(l["state"].(string), "_", " "), "fail", "FAIL")
				got = append(got, state+" "+titles[l["check"].(string)]+": "+l["sentence"].(string)+" ("+
					l["code"].(string)+")")
				if l["advice"] == "" {
					t.Errorf("check %s has no advice", l["check"])
				}
			}

			for i := range max(len(got), len(c.want)) {
				if want := strings.ReplaceAll(c.want[i], "<hub>", b.hub.URL); i >= len(got) || got[i] != want {
					t.Errorf("line %d differs: got the lines\n%s\nwant\n%s", i, got, want)
				}
			}

			checkMembers(t, d, map[string]any{"schema": "wardlight.doctor/1", "exit_code": float64(c.exit)})
		})
	}
}

// titles maps the checks' names in documents to their headings.
var titles = map[string]string{
	"service": "Smartcard service", "readers": "Readers", "card": "Card", "driver": "Driver",
	"certificate": "Certificate",
	"tries":       "Passcode tries", "clock": "Clock", "hub_address": "Hub address", "hub_tls": "Hub TLS",
	"sign_in": "Sign-in", "roles": "Roles and codes",
}

// useTries uses up that many passcode tries.
func (b *fixture) useTries(tries int) {
	b.card.Process([]byte{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08})
	for range tries {
		b.card.Process([]byte{0x00, 0x20, 0x00, 0x80, 0x08, '9', '9', '9', '9', '9', '9', 0xFF, 0xFF})
	}
	b.card.Reset()
}

func TestTheDoctorWritesForPeople(t *testing.T) {
	b := benchWithCard(t)
	out := b.run(t, exitDone, "doctor")
	checkContains(t, out, "pass         Readers            1 reader: Virtual Reader. (D10)\n",
		"not reached  Sign-in            The sign-in was not tried: it needs the passcode. (D81)\n"+
			"                                Run 'wardlight doctor --sign-in', or sign in on the screens.\n")
	b.reader.Eject()
	out = b.run(t, exitCard, "doctor")
	checkContains(t, out, "FAIL         Card               No smartcard in the reader. (C21)\n                     "+
		"           Insert your smartcard, chip first and facing up.\n",
		"not reached  Driver             Not checked: the card comes first. (D39)\nnot reached  Certificate")
	checkContains(t, b.err.String(), `wardlight: 1 of 11 checks failed: "Card" (C21)`,
		"wardlight: hint: Insert your smartcard")
}

func TestTheDoctorNeverAsksForThePasscodeInVain(t *testing.T) {
	b := benchWithCard(t)
	b.reader.Eject()
	b.world.file = nil // panics if the passcode is read
	b.run(t, exitCard, "doctor", "--sign-in")
	b = benchWithCard(t)
	if got := run(t.Context(), []string{"doctor", "--sign-in"}, b.world); got != exitUsage {
		t.Errorf("doctor --sign-in without a terminal: exit code %d, want %d", got, exitUsage)
	}
	checkContains(t, b.err.String(), "there is no terminal to ask for the passcode")
}

// typedAs returns a descriptor from which other digits than the passcode are read.
func typedAs(digits string) func(int) io.ReadCloser {
	return func(int) io.ReadCloser { return io.NopCloser(strings.NewReader(digits + "\n")) }
}

// A certificate that ended in the evening in London ended on the next day in Auckland. Every command must use the
// site's time zone.
func TestACertificateHasOneDate(t *testing.T) {
	b := benchWithCard(t)
	b.insert(t, hubtest.EC(t, elliptic.P256(), noon.AddDate(-3, 0, 0), noon.AddDate(0, 0, -2)))
	b.set("WARDLIGHT_SITE_TIME_ZONE", "Pacific/Auckland")
	checkContains(t, b.run(t, exitCard, "card", "show"), "Certificate ends     21-Nov-2026 01:00")
	checkContains(t, b.err.String(), "Your certificate ended on 21-Nov-2026. (C51)")
	b.run(t, exitCard, "login")
	checkContains(t, b.err.String(), "Your certificate ended on 21-Nov-2026. (C51)")
	checkContains(t, b.run(t, exitCard, "doctor"), "Your certificate ended on 21-Nov-2026. (C51)")
}

// The driver of a card without a certificate is shown by card show and by the doctor.
func TestACardWithoutCertificateHasADriver(t *testing.T) {
	b := benchWithCard(t)
	who := hubtest.EC(t, elliptic.P256(), noon, noon)
	who.Certificate = nil
	b.insert(t, who)
	checkContains(t, b.run(t, exitCard, "card", "show"), "Driver               PIV\n")
	checkMembers(t, b.json(t, exitCard, "card", "show"), map[string]any{"driver": "PIV", "error.code": "C50"})
	checkMembers(t, b.json(t, exitCard, "doctor"), map[string]any{
		"card.driver": "PIV", "checks.3.sentence": "PIV.",
		"checks.3.state": "pass",
	})
}

// A common name that is no UUID is not called one.
func TestACommonNameThatIsNoUUID(t *testing.T) {
	b := benchWithCard(t)
	b.insert(t, newIssuer(t, "Trust CA", noon.AddDate(-5, 0, 0), noon.AddDate(5, 0, 0)).issue(t,
		func(c *x509.Certificate) {
			c.Subject.CommonName = "Ada Sample"
		}))

	for _, command := range []string{"show", "test"} {
		if out := b.run(t, exitDone, "card", command); strings.Contains(out, "UUID") ||
			!strings.Contains(out, "Holder's Name        Ada Sample\n") {
			t.Errorf("card %s of a common name that is no UUID: got %s, want a Name row and no UUID", command, out)
		}
		checkMembers(t, b.json(t, exitDone, "card", command), map[string]any{"uuid": "", "common_name": "Ada Sample"})
	}

	d := b.json(t, exitDone, "doctor")
	checkMembers(t, d, map[string]any{"card.uuid": "", "card.common_name": "Ada Sample"})
	checkContains(t, b.run(t, exitDone, "doctor"), "Name Ada Sample, ends 22-Nov-2028, issued by Trust CA;")
	b = benchWithCard(t)
	checkMembers(t, b.json(t, exitDone, "card", "show"), map[string]any{
		"uuid":        hubtest.UUID,
		"common_name": hubtest.UUID,
	})
}
