package pcsc

import (
	"bytes"
	"testing"

	"wardlight/cardreader"
)

// TestVerifyStructure compares with the bytes of PC/SC part 10, section 2.5.2, for a passcode of 6 to 8 digits.
func TestVerifyStructure(t *testing.T) {
	verify := []byte{0x00, 0x20, 0x00, 0x80, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	want := append([]byte{
		30, 30, 0x82, 0x08, 0x00, 0x08, 0x06, 0x02, 0x01, 0x09, 0x04, 0x00, 0, 0, 0, 13, 0, 0, 0,
	}, verify...)
	if got := verifyStructure(verify); !bytes.Equal(got, want) {
		t.Errorf("verifyStructure(% X):\ngot  % X\nwant % X", verify, got, want)
	}
}

func TestNotTyped(t *testing.T) {
	for sw, want := range map[[2]byte]cardreader.Kind{
		{0x64, 0x00}: cardreader.NotTyped, {0x64, 0x01}: cardreader.NotTyped, {0x64, 0x03}: cardreader.PasscodeForm,
		{0x90, 0x00}: -1, {0x63, 0xC2}: -1, {0x69, 0x83}: -1, {0x6B, 0x80}: -1,
	} {
		kind := cardreader.Kind(-1)
		if err := keypadError(sw[:]); err != nil {
			kind = cardreader.KindOf(err)
		}
		if kind != want {
			t.Errorf("notTyped(% X): got kind %d, want %d", sw, kind, want)
		}
	}
}
