package piv_test

import (
	"context"
	"crypto/x509"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/certtest"
)

func kindOfOpen(reader cardreader.System, name string) cardreader.Kind {
	_, err := piv.Open(context.Background(), reader, name)
	if err == nil {
		return -1
	}
	return cardreader.KindOf(err)
}

func TestOpen_NotPIV(t *testing.T) {
	ours, _ := inserted(t, virtualtest.P256(t), nil)
	for name, answer := range map[string][]byte{
		"file not found":             {0x6A, 0x82},
		"no such instruction":        {0x6D, 0x00},
		"wrong P1 P2":                {0x6A, 0x86},
		"9000 to everything":         {0x90, 0x00},
		"9000 and another template":  {0x6F, 0x02, 0x84, 0x00, 0x90, 0x00},
		"9000 and a broken template": {0x61, 0x7F, 0x90, 0x00},
	} {
		reader := &tamperedReader{Reader: ours, answer: func([]byte) []byte { return answer }}
		if kind := kindOfOpen(reader, ours.Name()); kind != cardreader.NotPIV {
			t.Errorf("Open, %s: got kind %d, want NotPIV", name, kind)
		}
	}
}

// TestOpen_RefusedBeforeThePasscode tests responses of cards without contact and in a slot.
func TestOpen_RefusedBeforeThePasscode(t *testing.T) {
	slot := []byte{0x3B, 0x87, 0x01, 0x80, 0x31, 0xC0, 0x73, 0xC0, 0x21, 0xC0, 0xA5}
	pad := []byte{0x3B, 0x88, 0x80, 0x01, 0x00, 0x73, 0xC0, 0x21, 0xC0, 0x05, 0x90, 0x00, 0xCE}
	const getData, verify = 0xCB, 0x20
	for _, c := range []struct {
		name string
		atr  []byte
		ins  byte
		sw   [2]byte
		want cardreader.Kind
	}{
		{"certificate, 6982", pad, getData, [2]byte{0x69, 0x82}, cardreader.NeedsContact},
		{"certificate, 6A81", pad, getData, [2]byte{0x6A, 0x81}, cardreader.NeedsContact},
		{"certificate, 6A82", pad, getData, [2]byte{0x6A, 0x82}, cardreader.NeedsContact},
		{"certificate, 6982, with the ATR of a slot", slot, getData, [2]byte{0x69, 0x82}, cardreader.NeedsContact},
		{"certificate, 6A82 in a slot", slot, getData, [2]byte{0x6A, 0x82}, cardreader.NoCertificate},
		{"certificate, 6F00", pad, getData, [2]byte{0x6F, 0x00}, cardreader.Internal},
		{"tries, 6982", pad, verify, [2]byte{0x69, 0x82}, cardreader.NeedsContact},
		{"tries, 6A81", pad, verify, [2]byte{0x6A, 0x81}, cardreader.NeedsContact},
		{"tries, 6A81 in a slot", slot, verify, [2]byte{0x6A, 0x81}, -1},
		{"tries, 6A86", pad, verify, [2]byte{0x6A, 0x86}, -1},
	} {
		ours, _ := inserted(t, virtualtest.P256(t), func(v *virtual.Config) { v.ATR = c.atr })
		reader := &tamperedReader{Reader: ours, answer: func(command []byte) []byte {
			if command[1] != c.ins {
				return nil
			}
			return c.sw[:]
		}}
		if kind := kindOfOpen(reader, ours.Name()); kind != c.want {
			t.Errorf("Open, %s: got kind %d, want %d", c.name, kind, c.want)
		}
	}
}

func TestCertificatesThatCannotBeUsed(t *testing.T) {
	key := virtualtest.P256(t)
	edwards := certtest.Ed25519(t)
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
			t.Errorf("Open, %s: got kind %d, want %d", c.name, kind, c.want)
		}
	}
}

func TestReadersThatHaveNoUsableCard(t *testing.T) {
	reader := virtual.NewReader("")
	check := func(name string, want cardreader.Kind) {
		t.Helper()
		if kind := kindOfOpen(reader, reader.Name()); kind != want {
			t.Errorf("Open, %s: got kind %d, want %d", name, kind, want)
		}
	}

	check("empty", cardreader.NoCard)
	reader.InsertMute()
	check("mute", cardreader.Mute)
	reader.Insert(virtualtest.Card(t, virtualtest.P256(t), nil))
	reader.SetExclusive(true)
	check("taken", cardreader.InUse)
	reader.SetExclusive(false)
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
		t.Errorf("Open while another program uses the card: got error %v, want kind Busy", err)
	}
	link.Close(cardreader.Leave)
	open(t, reader)
}

func TestOpen_RetriesAfterReset(t *testing.T) {
	ours, _ := inserted(t, virtualtest.P256(t), nil)
	for _, kind := range []cardreader.Kind{cardreader.WasReset, cardreader.Internal} {
		starts := 0
		reader := &tamperedReader{Reader: ours, connect: func() error {
			if starts++; starts == 1 {
				return &cardreader.Error{Kind: kind, PCSC: 0x80100068}
			}
			return nil
		}}
		openOn(t, reader)
		if starts != 2 {
			t.Errorf("connections after an error of kind %d: got %d, want 2", kind, starts)
		}
	}
}

func TestOpen_NoTriesOrSerial(t *testing.T) {
	ours, _ := inserted(t, virtualtest.P256(t), func(c *virtual.Config) {
		c.Certificate = virtualtest.Certificate(t, c.Key, func(x *x509.Certificate) { x.URIs = nil })
	})
	reader := &tamperedReader{Reader: ours, answer: func(command []byte) []byte {
		if len(command) == 4 {
			return []byte{0x90, 0x00} // as if verified by another program
		}
		return nil
	}}
	info := openOn(t, reader).Info()
	if info.Tries != -1 || info.Serial != "" {
		t.Errorf("Info(): got Tries %d and Serial %q, want -1 and \"\"", info.Tries, info.Serial)
	}
}
