package piv_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
)

func kindOfOpen(reader cardreader.System, name string) cardreader.Kind {
	_, err := piv.Open(context.Background(), reader, name)
	if err == nil {
		return -1
	}
	return cardreader.KindOf(err)
}

func TestWhatIsNotAPIVCardIsToldApart(t *testing.T) {
	ours, _ := inserted(t, virtualtest.P256(t), nil)
	for name, answer := range map[string][]byte{
		"file not found":             {0x6A, 0x82},
		"no such instruction":        {0x6D, 0x00},
		"wrong P1 P2":                {0x6A, 0x86},
		"9000 to everything":         {0x90, 0x00},
		"9000 and another template":  {0x6F, 0x02, 0x84, 0x00, 0x90, 0x00},
		"9000 and a broken template": {0x61, 0x7F, 0x90, 0x00},
	} {
		reader := &tampered{Reader: ours, answer: func([]byte) []byte { return answer }}
		if kind := kindOfOpen(reader, ours.Name()); kind != cardreader.NotPIV {
			t.Errorf("%s: kind %d", name, kind)
		}
	}
}

func TestCertificatesThatCannotBeUsed(t *testing.T) {
	key := virtualtest.P256(t)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		edit func(*virtual.Config)
		want cardreader.Kind
	}{
		{"empty container", func(c *virtual.Config) { c.Certificate = nil }, cardreader.NoCertificate},
		{"no certificate in it", func(c *virtual.Config) { c.Certificate = []byte("hello") }, cardreader.NoCertificate},
		{"a key that PIV does not have", func(c *virtual.Config) {
			c.Certificate = virtualtest.Certificate(t, edwards, nil)
		}, cardreader.KeyUnsupported},
		{"compressed", func(c *virtual.Config) { c.Compress = true }, -1},
		{"ended", func(c *virtual.Config) {
			c.Certificate = virtualtest.Certificate(t, key, func(x *x509.Certificate) {
				x.NotAfter = x.NotBefore.Add(time.Hour)
			})
		}, -1},
	} {
		reader, _ := inserted(t, key, c.edit)
		if kind := kindOfOpen(reader, reader.Name()); kind != c.want {
			t.Errorf("%s: kind %d, want %d", c.name, kind, c.want)
		}
	}
}

func TestReadersThatHaveNoUsableCard(t *testing.T) {
	reader := virtual.NewReader("")
	check := func(name string, want cardreader.Kind) {
		t.Helper()
		if kind := kindOfOpen(reader, reader.Name()); kind != want {
			t.Errorf("%s: kind %d, want %d", name, kind, want)
		}
	}
	check("empty", cardreader.NoCard)
	reader.InsertMute()
	check("mute", cardreader.Mute)
	reader.Insert(virtualtest.Card(t, virtualtest.P256(t), nil))
	reader.Take(true)
	check("taken", cardreader.InUse)
	reader.Take(false)
	check("free", -1)
	reader.Fail(&cardreader.Error{Kind: cardreader.ServiceRefused})
	check("service refused", cardreader.ServiceRefused)
	reader.Fail(nil)
	reader.Unplug()
	check("no reader", cardreader.NoReader)
}

func TestOpenEndsWithItsContext(t *testing.T) {
	reader, _ := inserted(t, virtualtest.P256(t), nil)
	link, err := reader.Connect(t.Context(), reader.Name())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := piv.Open(ctx, reader, reader.Name()); cardreader.KindOf(err) != cardreader.Busy {
		t.Errorf("while another program holds the card: %v", err)
	}
	if err := link.Close(cardreader.Leave); err != nil {
		t.Fatal(err)
	}
	open(t, reader)
}

func TestOneFreshStartAfterAResetByAnotherProgram(t *testing.T) {
	ours, _ := inserted(t, virtualtest.P256(t), nil)
	for _, kind := range []cardreader.Kind{cardreader.WasReset, cardreader.Internal} {
		starts := 0
		reader := &tampered{Reader: ours, connect: func() error {
			if starts++; starts == 1 {
				return &cardreader.Error{Kind: kind, PCSC: 0x80100068}
			}
			return nil
		}}
		openOn(t, reader)
		if starts != 2 {
			t.Errorf("kind %d: %d starts", kind, starts)
		}
	}
}

// TestWhatComesAfterEnter holds the number of exchanges that a user waits for: each costs 15 ms on a real card, and a
// round trip where the reader is forwarded.
func TestWhatComesAfterEnter(t *testing.T) {
	for _, c := range []struct {
		name        string
		reader      *tampered
		short       bool
		read, after int
	}{
		{"RSA-2048, short", &tampered{}, true, 8, 6},
		{"RSA-2048, extended", &tampered{}, false, 5, 4},
	} {
		ours, _ := inserted(t, virtualtest.RSA(t), nil)
		c.reader.Reader = ours
		if c.short {
			ours.LimitAPDU(0)
		}
		card := openOn(t, c.reader)
		read := len(c.reader.seen)
		signs(t, card)
		after := len(c.reader.seen) - read // the last of them logs out
		if read > c.read || after > c.after {
			t.Errorf("%s: %d exchanges to read, %d after Enter; want at most %d and %d", c.name, read, after, c.read, c.after)
		}
		for _, command := range c.reader.seen[read:] {
			if c.short && len(command) > 261 {
				t.Errorf("%s: a command of %d bytes", c.name, len(command))
			}
		}
	}
}

// TestCardsOfOtherMakers drives the ways in which real cards differ from ours.
func TestCardsOfOtherMakers(t *testing.T) {
	key := virtualtest.RSA(t)
	for _, c := range []struct {
		name   string
		tamper func(ours *virtual.Reader) *tampered
	}{
		{"6D00 to extended lengths", func(ours *virtual.Reader) *tampered {
			return &tampered{Reader: ours, answer: func(command []byte) []byte {
				if len(command) > 6 && command[4] == 0 && command[1] != 0xA4 {
					return []byte{0x6D, 0x00}
				}
				return nil
			}}
		}},
		{"a reader that breaks on extended lengths", func(ours *virtual.Reader) *tampered {
			return &tampered{Reader: ours, fail: func(command []byte) error {
				if len(command) > 6 && command[4] == 0 && command[1] != 0xA4 {
					return &cardreader.Error{Kind: cardreader.Internal, PCSC: 0x80100016}
				}
				return nil
			}}
		}},
		{"an ATR that says nothing", func(ours *virtual.Reader) *tampered {
			return &tampered{Reader: ours, atr: []byte{0x3B, 0x80, 0x80, 0x01, 0x01}}
		}},
		{"6Cxx where Le is not exact", func(ours *virtual.Reader) *tampered {
			ours.LimitAPDU(0)
			return &tampered{Reader: ours, answer: func(command []byte) []byte {
				discovery := []byte{0x00, 0xCB, 0x3F, 0xFF, 0x03, 0x5C, 0x01, 0x7E, 0x00}
				if bytes.Equal(command, discovery) {
					return []byte{0x6C, 0x14}
				}
				return nil
			}}
		}},
		{"no discovery object, no CHUID, no tries", func(ours *virtual.Reader) *tampered {
			return &tampered{Reader: ours, answer: func(command []byte) []byte {
				switch {
				case bytes.Contains(command, []byte{0x5C, 0x01, 0x7E}):
					return []byte{0x6A, 0x80}
				case bytes.Contains(command, []byte{0x5F, 0xC1, 0x02}):
					return []byte{0x69, 0x82}
				case len(command) == 4 && command[1] == 0x20 && command[2] == 0:
					return []byte{0x6A, 0x86}
				}
				return nil
			}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ours, _ := inserted(t, key, nil)
			card := openOn(t, c.tamper(ours))
			signs(t, card)
			signs(t, card)
		})
	}
}

func TestACardWithoutTriesOrSerialSaysSo(t *testing.T) {
	ours, _ := inserted(t, virtualtest.P256(t), func(c *virtual.Config) { c.GUID = [16]byte{} })
	reader := &tampered{Reader: ours, answer: func(command []byte) []byte {
		if len(command) == 4 {
			return []byte{0x90, 0x00} // verified by another program
		}
		return nil
	}}
	info := openOn(t, reader).Info()
	if info.Tries != -1 || info.Serial != "" {
		t.Errorf("tries %d, serial %q", info.Tries, info.Serial)
	}
}
