//go:build cgo && linux

package pcsc_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
	"wardlight/cardreader/pcsc/pcsctest"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

// testTimeout is the timeout of each step in these tests.
const testTimeout = time.Minute

// pcscdDir is the directory of pcscd in all of these tests, because libpcsclite reads the socket's path only once.
var pcscdDir string

func TestMain(m *testing.M) {
	dir, remove, err := pcscdtest.Dir()
	if err == nil {
		err = os.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(dir, "pcscd.comm"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pcscdDir = dir
	code := m.Run()
	remove()
	os.Exit(code)
}

// fixture is a private pcscd, a System for it, and the Watcher's events.
type fixture struct {
	t      testing.TB
	daemon *pcscd.Daemon
	sys    cardreader.System
	events <-chan cardreader.Event
	reader string
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	b := &fixture{t: t, daemon: pcscdtest.Start(t, pcscdDir), sys: pcsc.New()}
	t.Cleanup(func() {
		if err := b.sys.Close(); err != nil {
			t.Error(err)
		}
	})
	b.watch()
	b.reader = b.next(cardreader.ReadersChanged).Readers[0].Name
	return b
}

// watch starts a Watcher, which is stopped before the bench.
func (b *fixture) watch() {
	ctx, cancel := context.WithCancel(context.Background())
	b.events = cardreader.Watch(ctx, b.sys)
	b.t.Cleanup(func() {
		cancel()
		for range b.events {
			continue
		}
	})
}

// next returns the next event, which must be of that kind.
func (b *fixture) next(kind cardreader.EventKind) cardreader.Event {
	b.t.Helper()
	select {
	case e := <-b.events:
		if e.Kind != kind {
			b.t.Fatalf("next event: got %+v, want kind %d", e, kind)
		}
		return e
	case <-time.After(testTimeout):
		b.t.Fatalf("timeout waiting for an event of kind %d\npcscd: %s", kind, b.daemon.Log())
	}
	panic("not reached")
}

// until ignores events until one of that kind occurs.
func (b *fixture) until(kind cardreader.EventKind) cardreader.Event {
	b.t.Helper()
	deadline := time.After(testTimeout)
	for {
		select {
		case e := <-b.events:
			if e.Kind == kind {
				return e
			}
		case <-deadline:
			b.t.Fatalf("timeout waiting for an event of kind %d\npcscd: %s", kind, b.daemon.Log())
		}
	}
}

func (b *fixture) plug(card *virtual.Card) *pcscd.Plugged {
	b.t.Helper()
	p, err := b.daemon.Plug(b.t.Context(), 0, card)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *fixture) open() cardreader.Card {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	card, err := piv.Open(ctx, b.sys, b.reader)
	if err != nil {
		b.t.Fatalf("Open: %v: %v\npcscd: %s", err, errors.Unwrap(err), b.daemon.Log())
	}
	return card
}

func (b *fixture) mustSign(card cardreader.Card) {
	b.t.Helper()
	digest := sha256.Sum256([]byte("sign in"))
	signature, err := card.Sign(context.Background(), virtualtest.Typed(virtualtest.Passcode), digest[:], crypto.SHA256)
	if err != nil {
		b.t.Fatalf("Sign: %v: %v", err, errors.Unwrap(err))
	}
	if !virtualtest.Verifies(card.Info().Certificate, digest[:], signature) {
		b.t.Error("the signature does not match the certificate")
	}
}

func TestSignInOverTheRealService(t *testing.T) {
	b := newFixture(t)
	for name, key := range map[string]crypto.Signer{"RSA-2048": virtualtest.RSA(t), "P-256": virtualtest.P256(t)} {
		t.Run(name, func(t *testing.T) {
			plastic := virtualtest.Card(t, key, nil)
			card := b.plug(plastic)
			inserted := b.next(cardreader.CardInserted)
			if inserted.Reader != b.reader || string(inserted.ATR) != string(plastic.ATR()) {
				t.Errorf("event: got %+v, want reader %q and the card's ATR", inserted, b.reader)
			}

			opened := b.open()
			if tries := opened.Info().Tries; tries != virtualtest.Tries {
				t.Errorf("Info().Tries = %d, want %d", tries, virtualtest.Tries)
			}

			b.mustSign(opened)
			if pcsctest.UseCard(t, b.reader); plastic.Verified() {
				t.Error("the card is still verified when another program uses it")
			}

			digest := sha256.Sum256(nil)
			_, err := opened.Sign(t.Context(), virtualtest.Typed("999999"), digest[:], crypto.SHA256)
			if cardreader.KindOf(err) != cardreader.WrongPasscode {
				t.Errorf("Sign with a wrong passcode: got error %v, want kind WrongPasscode", err)
			}

			b.mustSign(opened)
			card.Pull()
			b.next(cardreader.CardRemoved)
			if _, err := opened.Sign(t.Context(), virtualtest.Typed(virtualtest.Passcode), digest[:],
				crypto.SHA256); cardreader.KindOf(err) != cardreader.Removed {
				t.Errorf("Sign after the card was removed: got error %v, want kind Removed", err)
			}

			if _, err := piv.Open(t.Context(), b.sys, b.reader); cardreader.KindOf(err) != cardreader.NoCard {
				t.Errorf("Open without a card: got error %v, want kind NoCard", err)
			}
		})
	}

	if _, err := piv.Open(t.Context(), b.sys, "no such reader"); cardreader.KindOf(err) != cardreader.NoReader {
		t.Errorf("Open of an unknown reader: got error %v, want kind NoReader", err)
	}
}

func TestChanges_SwappedCard(t *testing.T) {
	b := newFixture(t)
	first := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	b.next(cardreader.CardInserted)
	first.Pull()
	second := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	defer second.Pull()
	b.next(cardreader.CardRemoved)
	b.next(cardreader.CardInserted)
	b.mustSign(b.open())
}

// TestSign_SwappedCard replaces the card by another with the same ATR, as cards of one
// series have.
func TestSign_SwappedCard(t *testing.T) {
	b := newFixture(t)
	first := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	b.next(cardreader.CardInserted)
	opened := b.open()
	first.Pull()
	b.next(cardreader.CardRemoved)
	verified := 0
	unknown := virtualtest.Card(t, virtualtest.P256(t), func(c *virtual.Config) {
		c.Before = func(ins byte) {
			if ins == 0x20 {
				verified++
			}
		}
	})

	second := b.plug(unknown)
	defer second.Pull()
	b.next(cardreader.CardInserted)

	digest := sha256.Sum256(nil)
	_, err := opened.Sign(t.Context(), virtualtest.Typed("999999"), digest[:], crypto.SHA256)
	var e *cardreader.Error
	if !errors.As(err, &e) || e.Kind != cardreader.Removed ||
		e.Detail != "The smartcard was changed. Your passcode was not checked." {
		t.Errorf("Sign with another card: got error %v, want kind Removed and the passcode not checked", err)
	}

	pcsctest.UseCard(t, b.reader)
	if verified != 0 || unknown.TriesLeft() != virtualtest.Tries {
		t.Errorf("other person's card: got %d VERIFY commands and %d tries left, want 0 and %d",
			verified, unknown.TriesLeft(), virtualtest.Tries)
	}
}

// TestSign_CardInsertedAgain inserts the same card again, which is recognised by its certificate.
func TestSign_CardInsertedAgain(t *testing.T) {
	b := newFixture(t)
	plastic := virtualtest.Card(t, virtualtest.P256(t), nil)
	in := b.plug(plastic)
	b.next(cardreader.CardInserted)
	opened := b.open()
	in.Pull()
	b.next(cardreader.CardRemoved)
	in = b.plug(plastic)
	defer in.Pull()
	b.next(cardreader.CardInserted)
	b.mustSign(opened)
}

func TestWait_SwappedCard(t *testing.T) {
	pcscdtest.Need(t, "opensc-tool")
	d := pcscdtest.Start(t, pcscdDir)
	tool := pcscdtest.Tool{Daemon: d}
	const atr = "3b:87:01:80:31:c0:73:c0:21:c0:a5"
	sys := pcsc.New()
	defer func() { _ = sys.Close() }()

	var looks [2][]cardreader.Reader
	for i := range looks {
		card, err := d.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), nil))
		if err != nil {
			t.Fatal(err)
		}
		defer card.Pull()
		tool.Until(t, atr, "opensc-tool", "--reader", "0", "--atr")
		if looks[i], err = sys.Wait(t.Context(), nil, testTimeout); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			card.Pull()
			tool.Until(t, "Card not present", "opensc-tool", "--reader", "0", "--atr")
		}
	}

	events := cardreader.Changes(looks[0], looks[1])
	if len(events) != 2 || events[0].Kind != cardreader.CardRemoved || events[1].Kind != cardreader.CardInserted {
		t.Errorf("Changes(%+v) = %+v, want a removal and an insertion", looks, events)
	}
}

func TestLink_CardRemoved(t *testing.T) {
	b := newFixture(t)
	card := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	b.next(cardreader.CardInserted)
	link, err := b.sys.Connect(t.Context(), b.reader)
	if err != nil {
		t.Fatal(err)
	}
	selectPIV := []byte{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00}
	if _, err := link.Transmit(selectPIV); err != nil {
		t.Fatal(err)
	}
	card.Pull()
	if _, err := link.Transmit(selectPIV); cardreader.KindOf(err) != cardreader.Removed {
		t.Errorf("Transmit after the card was removed: got error %v, want kind Removed", err)
	}
	link.Close(cardreader.Reset)
	link.Close(cardreader.Reset)
	b.next(cardreader.CardRemoved)
}

func TestConnect_CardInUse(t *testing.T) {
	b := newFixture(t)
	card := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	defer card.Pull()
	b.next(cardreader.CardInserted)
	other := pcsc.New()
	link, err := other.Connect(t.Context(), b.reader)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := b.sys.Connect(ctx, b.reader); cardreader.KindOf(err) != cardreader.Busy {
		t.Errorf("Connect while another program uses the card: got error %v, want kind Busy", err)
	}
	link.Close(cardreader.Reset)
	b.mustSign(b.open())
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}

// onSystemd returns with if systemd manages this computer's services, else without.
func onSystemd(with, without string) string {
	if _, err := os.Stat("/run/systemd/system"); err == nil {
		return with
	}
	return without
}

func TestWatch_ServiceRestarted(t *testing.T) {
	b := newFixture(t)
	card := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	b.next(cardreader.CardInserted)
	b.daemon.Kill()
	lost := b.next(cardreader.ServiceLost)
	if cardreader.KindOf(lost.Err) != cardreader.ServiceDown {
		t.Errorf("event of a killed service: got %v: %v, want kind ServiceDown", lost.Err, errors.Unwrap(lost.Err))
	}
	<-card.Gone()
	_, err := b.sys.Connect(t.Context(), b.reader)
	var e *cardreader.Error
	if !errors.As(err, &e) || e.Kind != cardreader.ServiceDown ||
		e.Hint != onSystemd("Ask support to restart it: systemctl restart pcscd.socket pcscd",
			"Ask support to restart pcscd.") {
		t.Errorf("Connect with a stale socket: got %+v, want kind ServiceDown and the advice to restart", e)
	}

	b.daemon.Stop()
	_, err = b.sys.Connect(t.Context(), b.reader)
	if !errors.As(err, &e) || e.Kind != cardreader.ServiceDown || e.Hint != onSystemd("Ask support to install "+
		"pcscd, or to start it: systemctl start pcscd.socket", "Ask support to install pcscd, or to start it.") {
		t.Errorf("Connect without a socket: got %+v, want kind ServiceDown and the advice to install", e)
	}

	b.daemon = pcscdtest.Start(t, pcscdDir)
	b.until(cardreader.ReadersChanged)
	again := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	defer again.Pull()
	b.until(cardreader.CardInserted)
	b.mustSign(b.open())
}

// BenchmarkSignIn measures what a user waits for with a real pcscd: reading the card, and signing after Enter.
func BenchmarkSignIn(b *testing.B) {
	at := newFixture(b)
	card := at.plug(virtualtest.Card(b, virtualtest.RSA(b), nil))
	defer card.Pull()
	at.next(cardreader.CardInserted)
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			at.open()
		}
	})
	opened := at.open()
	b.Run("after Enter", func(b *testing.B) {
		for b.Loop() {
			at.mustSign(opened)
		}
	})
}
