package cardreader_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"wardlight/cardreader"
)

func typed(digits string) *cardreader.Passcode {
	p := new(cardreader.Passcode)
	for i := range len(digits) {
		p.Append(digits[i])
	}
	return p
}

func TestPasscode_NotPrinted(t *testing.T) {
	p := typed("246813")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("sign in", "passcode", p)
	shown := fmt.Sprintf("%v %+v %#v %s %q %x %d", p, p, p, p, p, p, p) + p.String() + log.String()
	for _, part := range []string{"246813", "323436", "50 52", "0x32"} {
		if strings.Contains(shown, part) {
			t.Errorf("output contains a part of the passcode: %s", shown)
		}
	}
	if _, err := json.Marshal(p); err == nil {
		t.Error("json.Marshal of a passcode succeeded, want an error")
	}
}

func TestPasscode_Wipe(t *testing.T) {
	p := typed("2468139")
	p.Backspace()
	window := p.Bytes()
	if string(window) != "246813" || p.Len() != 6 {
		t.Fatalf("Len() after Backspace = %d, want 6", p.Len())
	}
	p.Wipe()
	if p.Len() != 0 || !bytes.Equal(window, make([]byte, 6)) {
		t.Error("Wipe did not zero the passcode")
	}
	p.Backspace()
	if p.Len() != 0 {
		t.Errorf("Len() after Backspace of an empty passcode = %d, want 0", p.Len())
	}
}

func TestPasscode_MoveTo(t *testing.T) {
	from, to := typed("246813"), typed("99")
	from.MoveTo(to)
	if from.Len() != 0 || string(to.Bytes()) != "246813" {
		t.Errorf("MoveTo: %d bytes remain and %d were moved, want 0 and 6", from.Len(), to.Len())
	}
}

func TestPasscode_MaxLength(t *testing.T) {
	p := typed(strings.Repeat("1", cardreader.MaxPasscode))
	if p.Append('1') || p.Len() != cardreader.MaxPasscode {
		t.Errorf("Append to a full passcode: got true, or Len() = %d", p.Len())
	}
}
