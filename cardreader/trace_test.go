package cardreader_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
)

func TestTraced_HidesPasscode(t *testing.T) {
	reader := virtual.NewReader("Desk")
	reader.Insert(virtualtest.Card(t, virtualtest.P256(t), nil))
	var trace bytes.Buffer
	var count cardreader.Counter
	sys := cardreader.Counted(cardreader.Traced(reader, &trace), &count)
	if _, err := sys.Wait(t.Context(), nil, time.Minute); err != nil {
		t.Fatal(err)
	}

	card, err := piv.Open(t.Context(), sys, "Desk")
	if err != nil {
		t.Fatal(err)
	}

	digest := sha256.Sum256([]byte("sign in"))
	if _, err := card.Sign(t.Context(), virtualtest.Typed(virtualtest.Passcode), digest[:], crypto.SHA256); err != nil {
		t.Fatal(err)
	}

	reader.Eject()
	if _, err := sys.Connect(t.Context(), "Desk"); err == nil {
		t.Fatal("Connect without a card succeeded, want an error")
	}

	described := trace.String()
	for _, want := range []string{
		`reader "Desk" present true`, `connect "Desk" ATR 3B870180`, "\n> 00A40400 0BA00000030800001000010000\n< 61",
		" 9000\n",
		"\n> 00200080\n< 63C3\n", "\n> 00200080 (9 bytes hidden)\n< 9000\n", "\nclose, leave\n", `connect "Desk": C21`,
	} {
		if !strings.Contains(described, want) {
			t.Errorf("trace does not contain %q:\n%s", want, described)
		}
	}

	for _, secret := range []string{virtualtest.Passcode, "323436383133", "08323436"} {
		if strings.Contains(described, secret) {
			t.Errorf("trace contains the secret %q", secret)
		}
	}

	if lines := strings.Count(described, "\n> "); lines != count.Exchanges() || count.Restart() != lines ||
		count.Exchanges() != 0 {
		t.Errorf("commands in the trace: got %d, want the number counted, %d", lines, count.Exchanges())
	}

	if t.Failed() {
		t.Log(described)
	}
}

// TestTraced_SeveralReaders uses two cards at the same time.
func TestTraced_SeveralReaders(t *testing.T) {
	var trace bytes.Buffer
	sys := cardreader.Traced(manyReaders{}, &trace)
	for _, name := range []string{"Desk", "Wall", "Desk"} {
		link, err := sys.Connect(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := link.Transmit([]byte{0x00, 0xCA, 0x00, 0x00}); err != nil {
			t.Fatal(err)
		}
	}

	want := `connect "Desk" ATR 3B longest APDU 0
> 00CA0000
< 9000
2 connect "Wall" ATR 3B longest APDU 0
2 > 00CA0000
2 < 9000
connect "Desk" ATR 3B longest APDU 0
> 00CA0000
< 9000
`
	if trace.String() != want {
		t.Errorf("trace: got\n%swant\n%s", trace.String(), want)
	}
}

// manyReaders is a System in which every reader has a card that answers 9000.
type manyReaders struct{ cardreader.System }

func (manyReaders) Connect(context.Context, string) (cardreader.Link, error) { return okLink{}, nil }

type okLink struct{ cardreader.Link }

func (okLink) ATR() []byte                     { return []byte{0x3B} }
func (okLink) MaxAPDU() int                    { return 0 }
func (okLink) Transmit([]byte) ([]byte, error) { return []byte{0x90, 0x00}, nil }

// TestTraced_HidesEverySecret sends commands of other drivers: extended lengths, chains, other classes, unblocking.
func TestTraced_HidesEverySecret(t *testing.T) {
	reader := virtual.NewReader("Desk")
	reader.Insert(virtualtest.Card(t, virtualtest.P256(t), nil))
	var trace bytes.Buffer
	link, err := cardreader.Traced(reader, &trace).Connect(t.Context(), "Desk")
	if err != nil {
		t.Fatal(err)
	}

	secret := strings.Repeat("\x32\x34", 8)
	for _, header := range []string{
		"\x00\x20\x00\x80\x10", "\x00\x20\x00\x80\x00\x00\x10", "\x10\x20\x00\x80\x10", "\x80\x20\x00\x00\x10",
		"\x00\x24\x00\x80\x10", "\x00\x2C\x00\x80\x10", "\x00\x21\x00\x80\x10", "\x0C\x20\x00\x80\x10", "\x32\x34\x32",
	} {
		command := []byte(header + secret)
		if len(header) < 4 {
			command = command[:3]
		}
		if _, err := link.Transmit(command); err != nil {
			t.Fatal(err)
		}
	}

	link.Close(cardreader.Leave)
	if described := trace.String(); strings.Contains(described, "3234") || strings.Count(described, "hidden") != 9 {
		t.Errorf("trace: want 9 hidden commands and no passcode in\n%s", described)
	}
}
