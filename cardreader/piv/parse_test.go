package piv

import (
	"bytes"
	"testing"
)

func TestExtendedLengthsByATR(t *testing.T) {
	for _, c := range []struct {
		name string
		atr  []byte
		want bool
	}{
		{"ours", []byte{0x3B, 0x87, 0x01, 0x80, 0x31, 0xC0, 0x73, 0xC0, 0x21, 0xC0, 0xA5}, true},
		{"without the bit", []byte{0x3B, 0x87, 0x01, 0x80, 0x31, 0xC0, 0x73, 0xC0, 0x21, 0x80, 0xE5}, false},
		{"category 00", []byte{0x3B, 0x08, 0x00, 0x73, 0xC0, 0x21, 0x40, 0x05, 0x90, 0x00}, true},
		{"ID-One PIV", []byte{
			0x3B, 0xD6, 0x97, 0x00, 0x81, 0xB1, 0xFE, 0x45, 0x1F, 0x87, 0x80, 0x31, 0xC1, 0x52, 0x41,
			0x1A, 0x2B,
		}, false},
		{"no historical bytes", []byte{0x3B, 0x00}, false},
		{"cut", []byte{0x3B, 0x87, 0x01, 0x80, 0x31}, false},
		{"none", nil, false},
	} {
		if got := extendedByATR(c.atr); got != c.want {
			t.Errorf("extendedByATR, %s = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestPasscodeReference(t *testing.T) {
	discovery := func(policy ...byte) []byte {
		return appendElement(nil, 0x7E, append([]byte{0x4F, 0x01, 0xA0, 0x5F, 0x2F, byte(len(policy))}, policy...))
	}
	for _, c := range []struct {
		name   string
		object []byte
		want   byte
	}{
		{"no discovery object", nil, passcodePIV},
		{"PIV only", discovery(0x40, 0x00), passcodePIV},
		{"both, PIV first", discovery(0x60, 0x10), passcodePIV},
		{"both, global first", discovery(0x60, 0x20), passcodeGlobal},
		{"nonsense", discovery(0x40), passcodePIV},
	} {
		if got := passcodeReference(c.object); got != c.want {
			t.Errorf("passcodeReference, %s = %02X, want %02X", c.name, got, c.want)
		}
	}
}

func TestTriesIn(t *testing.T) {
	for _, c := range []struct {
		sw    uint16
		tries int
		known bool
	}{
		{0x63C3, 3, true},
		{0x63C0, 0, true},
		{0x6302, 2, true},
		{0x6300, 0, false},
		{0x6983, 0, true},
		{0x9000, 0, false},
	} {
		if tries, known := triesIn(c.sw); tries != c.tries || known != c.known {
			t.Errorf("triesIn(%04X) = %d, %v, want %d, %v", c.sw, tries, known, c.tries, c.known)
		}
	}
}

func FuzzElements(f *testing.F) {
	f.Add([]byte{0x53, 0x04, 0x70, 0x02, 0x01, 0x02})
	f.Add([]byte{0x5F, 0x2F, 0x02, 0x40, 0x00})
	f.Add([]byte{0x7F, 0x49, 0x82, 0x01, 0x00})
	f.Add([]byte{0x00, 0x00, 0xFE, 0x00})

	f.Fuzz(func(t *testing.T, data []byte) {
		rest := data
		for len(rest) > 0 {
			e, after, err := nextElement(rest)
			if err != nil {
				break
			}
			if len(e.value)+len(after)+2 > len(rest) {
				t.Fatalf("nextElement of %d bytes: got a value of %d and a rest of %d bytes",
					len(rest), len(e.value), len(after))
			}
			rest = after
		}
		_, _ = certificateOf(data)
		passcodeReference(data)
		extendedByATR(data)
	})
}

func FuzzAppendElement(f *testing.F) {
	f.Add(byte(0x82), []byte("value"))
	f.Fuzz(func(t *testing.T, tag byte, value []byte) {
		if tag == 0 || tag&0x1F == 0x1F || len(value) > 0xFFFF {
			t.Skip("appendElement does not support such objects")
		}
		e, rest, err := nextElement(appendElement(nil, tag, value))
		if err != nil || len(rest) != 0 || e.tag != uint32(tag) || !bytes.Equal(e.value, value) {
			t.Fatalf("nextElement(appendElement(%X)): got error %v and a rest of %d bytes", tag, err, len(rest))
		}
	})
}
