package demo

import (
	"io"
	"log/slog"
	"net"
	"testing"

	"wardlight/cardreader/virtual"
)

// A stand-in for vpcd asks for the ATR, as the real one does to see whether a card is in, and then watches it go.
func TestACardIsInVPCDForAsLongAsItsConnectionLasts(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	card, err := newTestBox(t).card("clerk")
	if err != nil {
		t.Fatal(err)
	}
	v := &vpcd{address: listener.Addr().String(), log: slog.New(slog.DiscardHandler)}
	for range 2 { // the second time it waits until the slot was seen empty
		pull, err := v.plug(t.Context(), card)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		lookAt(t, reader, card)
		pull()
		if rest, err := io.ReadAll(reader); err != nil || len(rest) != 0 {
			t.Errorf("after the card was pulled: %x, %v", rest, err)
		}
		reader.Close()
	}
}

// lookAt asks for the ATR: frames of two bytes of length and a body; the body 4 asks.
func lookAt(t *testing.T, reader net.Conn, card *virtual.Card) {
	t.Helper()
	if _, err := reader.Write([]byte{0, 1, 4}); err != nil {
		t.Fatal(err)
	}
	atr := make([]byte, 2+len(card.ATR()))
	if _, err := io.ReadFull(reader, atr); err != nil || string(atr[2:]) != string(card.ATR()) {
		t.Errorf("ATR %x, %v", atr, err)
	}
}
