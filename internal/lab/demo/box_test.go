package demo

import (
	"errors"
	"testing"
	"time"

	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/internal/lab/cards"
)

func newTestBox(t *testing.T) *cardBox {
	t.Helper()
	b, err := newBox(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryCardInTheTableCanBeMadeAndRead(t *testing.T) {
	b := newTestBox(t)
	for _, row := range cards.All() {
		t.Run(row.Name, func(t *testing.T) {
			card, err := b.card(row.Name)
			if err != nil {
				t.Fatal(err)
			}
			reader := virtual.NewReader("")
			defer reader.Close()
			reader.Insert(card)
			read, err := piv.Open(t.Context(), reader, reader.Name())
			if err != nil {
				t.Fatal(err)
			}
			info := read.Info()
			if info.Certificate.Subject.CommonName != row.UUID {
				t.Errorf("common name = %s, want %s", info.Certificate.Subject.CommonName, row.UUID)
			}
			if info.Tries != row.TriesLeft() {
				t.Errorf("tries left = %d, want %d", info.Tries, row.TriesLeft())
			}
		})
	}
}

func TestACardThatIsPutInAgainIsTheSameCard(t *testing.T) {
	b := newTestBox(t)
	first, err := b.card("clerk")
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.card("clerk")
	if err != nil || first != second {
		t.Errorf("second card(%q) = another card, error %v, want the same card", "clerk", err)
	}
}

func TestThereIsNoCardThatTheTableDoesNotHave(t *testing.T) {
	var unknown *cards.UnknownError
	if _, err := newTestBox(t).card("porter"); !errors.As(err, &unknown) {
		t.Errorf("card(%q) error = %v, want *cards.UnknownError", "porter", err)
	}
}
