package piv_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual/virtualtest"
)

// FuzzCard opens cards that return arbitrary responses. script contains responses, each preceded by a length of two
// bytes. For length 0 a valid card answers, so that the fuzzer reaches later steps. Open and Sign must return without
// a panic, and with an error of the documented type.
func FuzzCard(f *testing.F) {
	key := virtualtest.P256(f)
	plastic := virtualtest.Card(f, key, nil)
	f.Add([]byte{0, 0, 0, 0, 0, 2, 0x61, 0x00}, true)
	f.Add([]byte{0, 4, 0x61, 0x00, 0x90, 0x00}, false)
	f.Add([]byte{0, 0, 0, 2, 0x6C, 0x00, 0, 2, 0x61, 0x10, 0, 1, 0x90}, true)

	f.Fuzz(func(t *testing.T, script []byte, extended bool) {
		reader, _ := insertedCard(plastic)
		if !extended {
			reader.LimitAPDU(0)
		}

		plastic.Unblock()
		commands := 0
		sys := &tamperedReader{Reader: reader, answer: func([]byte) []byte {
			if commands++; commands > 2000 {
				t.Fatal("the driver sent more than 2000 commands")
			}
			if len(script) < 2 {
				return nil
			}
			n := int(binary.BigEndian.Uint16(script))
			script = script[2:]
			n = min(n, len(script))
			response := script[:n:n]
			script = script[n:]
			if n == 0 {
				return nil
			}
			return response
		}}

		card, err := piv.Open(context.Background(), sys, reader.Name())
		if err != nil {
			checkErrorType(t, err)
			return
		}

		digest := sha256.Sum256(script)
		signature, err := card.Sign(context.Background(), virtualtest.Typed(virtualtest.Passcode), digest[:],
			crypto.SHA256)
		if err != nil {
			checkErrorType(t, err)
			return
		}

		if !virtualtest.Verifies(card.Info().Certificate, digest[:], signature) {
			t.Error("Sign returned an invalid signature")
		}
	})
}

func checkErrorType(t *testing.T, err error) {
	t.Helper()
	e, ok := err.(*cardreader.Error) //nolint:errorlint // the documentation promises exactly this type
	if !ok || e.Sentence() == "" || e.Advice() == "" {
		t.Errorf("got error %T, %v, want a complete *cardreader.Error", err, err)
	}
}
