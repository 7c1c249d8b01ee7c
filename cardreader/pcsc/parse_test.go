package pcsc

import (
	"bytes"
	"testing"

	"wardlight/cardreader"
)

func TestMaxAPDUData(t *testing.T) {
	features := []byte{0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x12, 4, 0x42, 0x33, 0x00, 0x12}
	if code, found := featureCode(features, featureTLVProperties); !found || code != 0x42330012 {
		t.Errorf("featureCode = %08X, %v, want 42330012", code, found)
	}

	if _, found := featureCode(features[:11], featureTLVProperties); found {
		t.Error("featureCode of a truncated answer: found, want not found")
	}

	for _, c := range []struct {
		name       string
		properties []byte
		want       int
	}{
		{"extended", []byte{0x01, 2, 0, 0, 0x0A, 4, 0x00, 0x00, 0x01, 0x00}, 1 << 16},
		{"short only", []byte{0x0A, 4, 0, 0, 0, 0}, 0},
		{"silent", []byte{0x01, 2, 0, 0}, 0},
		{"more than there is", []byte{0x0A, 4, 0xFF, 0xFF, 0xFF, 0xFF}, 1 << 16},
		{"cut", []byte{0x0A, 4, 0, 0}, 0},
	} {
		if got := maxAPDUData(c.properties); got != c.want {
			t.Errorf("maxAPDUData, %s = %d, want %d", c.name, got, c.want)
		}
	}
}

func TestCommandsOverT0(t *testing.T) {
	for _, c := range []struct {
		name          string
		command, want []byte
	}{
		{"case 1", []byte{0, 0x20, 0, 0x80}, []byte{0, 0x20, 0, 0x80, 0}},
		{"case 2", []byte{0, 0xC0, 0, 0, 8}, []byte{0, 0xC0, 0, 0, 8}},
		{"case 3", []byte{0, 0x20, 0, 0x80, 2, 1, 2}, []byte{0, 0x20, 0, 0x80, 2, 1, 2}},
		{"case 4", []byte{0, 0xCB, 0x3F, 0xFF, 2, 1, 2, 0}, []byte{0, 0xCB, 0x3F, 0xFF, 2, 1, 2}},
	} {
		if got := tpduT0(c.command); !bytes.Equal(got, c.want) {
			t.Errorf("tpduT0, %s = %X, want %X", c.name, got, c.want)
		}
	}
}

func TestErrorOf(t *testing.T) {
	for result, want := range map[uint32]cardreader.Kind{
		0x8010000C: cardreader.NoCard,
		0x80100069: cardreader.Removed,
		0x8010001D: cardreader.ServiceDown,
		0x80100001: cardreader.Internal,
	} {
		e := errorOf("call", result)
		if e.Kind != want || e.PCSC != result || e.Err == nil {
			t.Errorf("errorOf(%08X) = %+v, want kind %d", result, e, want)
		}
	}
}

func FuzzReaderAnswers(f *testing.F) {
	f.Add([]byte{0x12, 4, 0x42, 0x33, 0x00, 0x12})
	f.Add([]byte{0x0A, 4, 0, 0, 1, 0})
	f.Fuzz(func(t *testing.T, answer []byte) {
		featureCode(answer, featureTLVProperties)
		if n := maxAPDUData(answer); n < 0 || n > 1<<16 {
			t.Errorf("maxAPDUData(% X) = %d, want 0 to 65536", answer, n)
		}
		if len(answer) >= 4 && len(tpduT0(answer)) < 4 {
			t.Errorf("tpduT0(% X): got less than a header", answer)
		}
	})
}
