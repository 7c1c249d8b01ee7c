//go:build linux

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader/pcsc/pcsctest"
	"wardlight/cardreader/virtual"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/people"
)

// TestCardFailures causes each failure of reader and card under a real pcscd, and checks the
// sentence, the advice and the code that the program shows. The slow cases run in parallel.
func TestCardFailures(t *testing.T) {
	w := newTestSite(t)
	rival := pcsctest.Build(t)
	silent, stored := w.another(t).cardSilent(t), w.another(t).cardInUse(t, rival)
	t.Run("rows", func(t *testing.T) {
		t.Run("service", func(t *testing.T) {
			t.Parallel()
			noReader := w.asks("card", "show")
			noReader.socket = serviceWithoutReader(t)
			noReader.expect(t, wantFailure{exitCard, "C20", "No smartcard reader found.", "Plug it in"})
			w.serviceFails(t)
		})
		t.Run("signing", func(t *testing.T) {
			t.Parallel()
			beside := w.another(t)
			beside.pulled(t)
			beside.passcodeFails(t)
		})
		t.Run("card", func(t *testing.T) { t.Parallel(); w.cardFails(t, rival) })
	})

	silent()
	stored()
	w.service.Kill()
	w.asks("card", "show").expect(t, wantFailure{
		exitCard, "C10-8010001D", notRunning,
		ifExists(systemd, "restart it: systemctl restart pcscd.socket pcscd", "Ask support to restart pcscd."),
	})
}

const notRunning = "The smartcard service on this computer is not running."

// Paths that the advice mentions only where they exist.
const (
	systemd = "/run/systemd/system"
	polkit  = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"
)

// ifExists returns with if the path exists on this computer, else without.
func ifExists(path, with, without string) string {
	if _, err := os.Stat(path); err == nil {
		return with
	}
	return without
}

// serviceFails tests failures of the smartcard service, also with a service that only root may use where possible.
func (w *testSite) serviceFails(t *testing.T) {
	absent := w.asks("card", "show")
	absent.socket = filepath.Join(t.TempDir(), "absent")
	absent.expect(t, wantFailure{
		exitCard, "C10-8010001D", notRunning,
		ifExists(systemd, "start it: systemctl start pcscd.socket", "Ask support to install pcscd, or to start it."),
	})

	// When polkit refuses access, pcscd closes the connection before it has read the whole first message. With a
	// protocol mismatch it answers.
	impostor := w.asks("card", "show")
	impostor.socket = closingService(t, firstMessageLength-1, nil)
	impostor.expect(t, wantFailure{
		exitCard, "C11-8010006A", "This session is not allowed to use the smartcard reader.",
		ifExists(polkit, "polkit action org.debian.pcsc-lite.access_pcsc",
			"let this account and session use the smartcard reader"),
	})

	impostor.socket = closingService(t, firstMessageLength, []byte{4, 0, 0, 0, 9, 0, 0, 0, 0x1E, 0x00, 0x10, 0x80})
	impostor.expect(t, wantFailure{
		exitCard, "C12-8010001E", "Smartcard software versions do not match.",
		"the same release of libpcsclite and pcscd",
	})

	if os.Geteuid() != 0 {
		t.Skip("needs root to test a socket of another user")
	}

	// pcscd's folder is open to all. The program must be in a folder where any account may run it.
	if err := os.Chmod(filepath.Dir(w.service.Socket()), 0o700); err != nil { //nolint:gosec // a folder
		t.Fatal(err)
	}

	public := labtest.Dir(t)
	if err := os.Chmod(public, 0o755); err != nil { //nolint:gosec // deliberately open to all
		t.Fatal(err)
	}

	unknown := w.asks("card", "show")
	unknown.program, unknown.config, unknown.user = filepath.Join(public, "wardlight"), "", nobody
	copyProgram(t, w.program, unknown.program)
	unknown.expect(t, wantFailure{
		exitCard, "C11-8010001D", "Your account may not use the smartcard reader.",
		"allow this account to open " + w.service.Socket(),
	})
}

func copyProgram(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755) //nolint:gosec // run by other accounts
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// cardSilent starts a command with a card that stops answering. The returned function waits for its result, which takes
// about ten seconds.
func (w *testSite) cardSilent(t *testing.T) (end func()) {
	t.Helper()
	hand := newCardHook(func(seen map[byte]int, _ byte) bool { return seen[insSelect] == 1 })
	hand.has = true
	w.put(t, w.maker(t, "clerk")(func(c *virtual.Config) { c.Before = hand.before }), hand)
	looking := w.asks("card", "show").begin(t)
	return func() {
		looking().expect(t, wantFailure{exitCard, "C29", "The card is not responding.", "Take it out and put it back."})
		hand.release()
	}
}

// cardInUse starts commands while another program holds the card in a transaction. The returned function waits for the
// results; the doctor's timeout is long.
func (w *testSite) cardInUse(t *testing.T, rival string) (end func()) {
	t.Helper()
	w.put(t, w.maker(t, "clerk")(nil), nil)
	holder := pcsctest.Lock(t, rival, w.service.Socket(), "transaction")
	looking, showing := w.asks("doctor").begin(t), w.asks("card", "show").begin(t)
	return func() {
		showing().expect(t, wantFailure{
			exitCard, "C25", "Another program has not finished with your smartcard: ",
			"close the other program",
		})
		looking().expectLine(t, wantFailure{
			exitCard, "C25", "Another program has not finished with your smartcard",
			"close the other program",
		})
		holder.Release()
		w.asks("card", "show").expect(t, wantFailure{exit: exitDone})
	}
}

func (w *testSite) cardFails(t *testing.T, rival string) {
	show, alert := w.asks("card", "show"), w.asks("alert", people.OnPlan.Digits())
	clerk := w.maker(t, "clerk")

	show.expect(t, wantFailure{
		exitCard, "C21", "No smartcard in the reader.",
		"Insert your smartcard, chip first and facing up.",
	})

	w.with(t, clerk(func(c *virtual.Config) { c.ATR = make([]byte, 34) }), func() {
		show.expect(t, wantFailure{
			exitCard, "C22", "The card is in but does not answer.",
			"check that the chip faces the right way",
		})
	})

	onlyT14 := []byte{0x3B, 0x80, 0x8E, 0x0E} // supports only T=14, no protocol of PC/SC (ISO 7816-3 §8.2.3)
	w.with(t, clerk(func(c *virtual.Config) { c.ATR = onlyT14 }), func() {
		show.expect(t, wantFailure{
			exitCard, "C23", "This type of card cannot be used here.",
			"read the code and the ATR out",
		})
	})

	w.with(t, clerk(nil), func() {
		holder := pcsctest.Lock(t, rival, w.service.Socket(), "exclusive")
		show.expect(t, wantFailure{
			exitCard, "C24", "Another program is using your smartcard: rival",
			"Close the other program",
		})
		holder.Release()
		show.expect(t, wantFailure{exit: exitDone})
	})

	w.with(t, clerk(func(c *virtual.Config) { c.Quirks = virtual.NoApplication }), func() {
		show.expect(t, wantFailure{
			exitCard, "C30-6A82", "There is no driver for this card.",
			"Read the code and the ATR out to support.",
		})
	})

	w.with(t, clerk(func(c *virtual.Config) { c.Quirks = virtual.Contactless }), func() {
		show.expect(t, wantFailure{
			exitCard, "C31-6982", "This card cannot sign in without contact.",
			"Put the card into the slot of the reader, chip first.",
		})
	})

	w.with(t, clerk(func(c *virtual.Config) { c.Certificate = nil }), func() {
		show.expect(t, wantFailure{exitCard, "C50", "This card has no sign-in certificate.", "Registration Authority"})
	})

	w.with(t, w.named(t, "expired"), func() {
		show.expect(t, wantFailure{
			exitCard, "C51", "Your certificate ended on ",
			"Renew it with your Registration Authority.",
		})
	})

	w.with(t, w.named(t, "stranger"), func() {
		alert.expect(t, wantFailure{exitSignIn, "H40", "The hub does not trust this smartcard: the certificate is " +
			"of an unknown authority.", "Use your NHS smartcard"})
	})

	w.with(t, w.named(t, "revoked"), func() {
		alert.expect(t, wantFailure{exitSignIn, "H42", "This smartcard was revoked.", "Registration Authority"})
	})
}

// pulled removes the card at each stage of a signature, and checks that no try is used and the card is not verified
// afterwards.
func (w *testSite) pulled(t *testing.T) {
	t.Helper()
	clerk, nurse, test := w.maker(t, "clerk"), w.maker(t, "nurse"), w.asks("card", "test")
	for _, c := range []struct {
		moment   string
		at       func(seen map[byte]int, ins byte) bool
		verified bool // the card was verified at that moment
		make     cardMaker
		sentence string
	}{
		// The first SELECT and the first, empty VERIFY belong to reading the card before the passcode.
		{"before VERIFY", func(seen map[byte]int, _ byte) bool {
			return seen[insSelect] == 2
		}, false, clerk, "The smartcard was removed. Your passcode was not checked."},
		{"during VERIFY", func(seen map[byte]int, _ byte) bool {
			return seen[insVerify] == 2
		}, false, clerk, "The smartcard was removed. A passcode try may have been used."},
		{"after VERIFY", func(seen map[byte]int, _ byte) bool {
			return seen[insAuthenticate] == 1
		}, true, clerk, "The smartcard was removed."},
		{"during signing", func(seen map[byte]int, ins byte) bool {
			return seen[insAuthenticate] > 0 && ins == insGetResponse
		}, true, nurse, "The smartcard was removed."},
	} {
		hand := newCardHook(c.at)
		card := c.make(func(v *virtual.Config) { v.Before, v.Quirks = hand.before, virtual.ShortATR })
		hand.verified = card.Verified
		w.put(t, card, hand)
		got := test.answer(t)
		hand.release()
		w.take(t)
		want := wantFailure{exitCard, "C26", c.sentence, "Put it back to go on."}
		if got.expect(t, want); got.sentence != c.sentence {
			t.Errorf("card pulled %s: sentence %q, want %q", c.moment, got.sentence, c.sentence)
		}

		if !hand.pulled || hand.wasVerified != c.verified || card.Verified() || card.TriesLeft() != cards.Tries {
			t.Errorf("card pulled %s: pulled %v, verified then %v and now %v, tries left %d, want true, %v, false, %d",
				c.moment, hand.pulled, hand.wasVerified, card.Verified(), card.TriesLeft(), c.verified, cards.Tries)
		}
	}
}

func (w *testSite) passcodeFails(t *testing.T) {
	t.Helper()
	show, test := w.asks("card", "show"), w.asks("card", "test")
	w.with(t, w.maker(t, "clerk")(nil), func() {
		wrong := test
		wrong.passcode = "135790"
		wrong.expect(t, wantFailure{exitCard, "C41-63C2", "Passcode not correct. 2 tries left.", "Type it again."})
		wrong.expect(t, wantFailure{exitCard, "C41-63C1", "Passcode not correct. 1 try left. After that the card " +
			"locks; stop and check.", "before the last try"})
		wrong.expect(t, wantFailure{
			exitCard, "C42-63C0", "Passcode not correct. This smartcard is now locked.",
			"self-service unlock",
		})
		show.expect(t, wantFailure{exitCard, "C42", "This smartcard is locked.", "Registration Authority"})
		test.expect(t, wantFailure{exitCard, "C42", "This smartcard is locked.", "Registration Authority"})
	})
}

// cardMaker returns a new card of one holder. edit, which may be nil, changes the card's configuration.
type cardMaker func(edit func(*virtual.Config)) *virtual.Card

// maker returns a function that makes cards for the named holder, all with the same key.
func (w *testSite) maker(t *testing.T, name string) cardMaker {
	t.Helper()
	issued, err := w.hub.Issue(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(edit func(*virtual.Config)) *virtual.Card {
		c := virtual.Config{
			Key: issued.Key, Certificate: issued.DER(), Passcode: []byte(cards.Passcode),
			Tries: cards.Tries,
		}
		if edit != nil {
			edit(&c)
		}
		card, err := virtual.New(c)
		if err != nil {
			t.Fatal(err)
		}
		return card
	}
}

func (w *testSite) named(t *testing.T, name string) *virtual.Card {
	t.Helper()
	card, err := w.hub.Card(name)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// another returns a copy of the ward with its own pcscd.
func (w *testSite) another(t *testing.T) *testSite {
	t.Helper()
	return &testSite{t: t, program: w.program, hub: w.hub, service: pcscdtest.Start(t, labtest.Dir(t))}
}

// with inserts the card, calls do, and removes the card.
func (w *testSite) with(t *testing.T, card *virtual.Card, do func()) {
	t.Helper()
	w.put(t, card, nil)
	do()
	w.take(t)
}

// put inserts the card and waits until pcscd reports it. hand may be nil.
func (w *testSite) put(t *testing.T, card *virtual.Card, hand *cardHook) {
	t.Helper()
	plugged, err := w.service.Plug(t.Context(), 0, card)
	if err != nil {
		t.Fatal(err)
	}
	if w.card = plugged; hand != nil {
		hand.attach(t, plugged)
	}
	w.sees(t, true)
}

// take removes the card and waits until pcscd reports that.
func (w *testSite) take(t *testing.T) {
	t.Helper()
	w.card.Pull()
	w.sees(t, false)
}

func (w *testSite) sees(t *testing.T, card bool) {
	t.Helper()
	list := w.asks("card", "readers")
	for deadline := time.Now().Add(time.Minute); ; {
		got := list.answer(t)
		if in := strings.Contains(got.document, `"mute"`) || strings.Contains(got.document, `"card"`); in == card {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("pcscd did not report the change within a minute: card present: want %v, got %s",
				card, got.document)
		}
	}
}
