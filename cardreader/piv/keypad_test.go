package piv_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual/virtualtest"
)

// TestSign_PasscodeIsTypedOnTheReader uses a reader with a keypad. The passcode typed there is used, and this program
// doesn't receive it.
func TestSign_PasscodeIsTypedOnTheReader(t *testing.T) {
	plastic := virtualtest.Card(t, virtualtest.RSA(t), nil)
	reader, _ := insertedCard(plastic)
	var typed []byte
	reader.SetKeypad(func() []byte { return typed })
	var trace bytes.Buffer
	card, err := piv.Open(t.Context(), cardreader.Traced(reader, &trace), reader.Name())
	if err != nil || !card.Info().OnReader {
		t.Fatalf("Open: got Info %+v, error %v, want OnReader", card.Info(), err)
	}

	digest := sha256.Sum256([]byte("sign in"))
	for _, c := range []struct {
		name  string
		typed string
		kind  cardreader.Kind // -1 for no error
		left  int
	}{
		{"cancelled", "", cardreader.NotTyped, 3},
		{"wrong", "999999", cardreader.WrongPasscode, 2},
		{"right", virtualtest.Passcode, -1, 3},
		{"wrong again", "99999999", cardreader.WrongPasscode, 2},
		{"wrong", "999999", cardreader.WrongPasscode, 1},
		{"the last", "999999", cardreader.Locked, 0},
		{"locked", virtualtest.Passcode, cardreader.Locked, 0},
	} {
		if typed = nil; c.typed != "" {
			typed = []byte(c.typed)
		}

		// A passcode typed in the program is not sent.
		ours := virtualtest.Typed("123456")
		signature, err := card.Sign(t.Context(), ours, digest[:], crypto.SHA256)
		var e *cardreader.Error
		kind := cardreader.Kind(-1)
		if errors.As(err, &e) {
			kind = e.Kind
		}

		if kind != c.kind || plastic.TriesLeft() != c.left || ours.Len() != 0 || kind == cardreader.WrongPasscode &&
			e.Tries != c.left {
			t.Errorf("%s: got error %v and %d tries left, want kind %d and %d",
				c.name, err, plastic.TriesLeft(), c.kind, c.left)
		}

		if (len(signature) > 0) != (c.kind == -1) || plastic.Verified() {
			t.Errorf("%s: got a signature of %d bytes, verified: %v", c.name, len(signature), plastic.Verified())
		}
	}

	if told := trace.Bytes(); !bytes.Contains(told,
		[]byte("> 00200080 (9 bytes hidden), typed on the reader\n< 9000\n")) {
		t.Errorf("trace: want VERIFY with its data hidden in\n%s", told)
	}
}

// TestSign_GivenUpWhileThePasscodeIsTyped types the correct passcode on the reader after the screen was locked.
func TestSign_GivenUpWhileThePasscodeIsTyped(t *testing.T) {
	plastic := virtualtest.Card(t, virtualtest.P256(t), nil)
	reader, _ := insertedCard(plastic)
	ctx, lock := context.WithCancel(t.Context())
	reader.SetKeypad(func() []byte {
		lock()
		return []byte(virtualtest.Passcode)
	})
	card, err := piv.Open(t.Context(), reader, reader.Name())
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("sign in"))
	if signature, err := card.Sign(ctx, nil, digest[:], crypto.SHA256); err == nil || signature != nil ||
		plastic.Verified() {
		t.Errorf("Sign with a cancelled context: got a signature of %d bytes, error %v, verified: %v",
			len(signature), err, plastic.Verified())
	}
}
