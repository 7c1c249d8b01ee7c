//go:build cgo && linux

package pcsc_test

import (
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual/virtualtest"
)

func TestWatch_TwoReaders(t *testing.T) {
	b := newFixture(t)
	first := b.plug(virtualtest.Card(t, virtualtest.P256(t), nil))
	one := b.next(cardreader.CardInserted).Reader
	second, err := b.daemon.Plug(t.Context(), 1, virtualtest.Card(t, virtualtest.RSA(t), nil))
	if err != nil {
		t.Fatal(err)
	}

	two := b.next(cardreader.CardInserted).Reader
	if one == two {
		t.Fatalf("readers of the two cards: got %q twice, want different ones", one)
	}

	first.Pull()
	if gone := b.next(cardreader.CardRemoved).Reader; gone != one {
		t.Errorf("reader of the removed card: got %q, want %q", gone, one)
	}

	b.reader = two
	b.mustSign(b.open())
	second.Pull()
	if gone := b.next(cardreader.CardRemoved).Reader; gone != two {
		t.Errorf("reader of the removed card: got %q, want %q", gone, two)
	}
}
