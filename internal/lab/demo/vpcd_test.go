package demo

import (
	"io"
	"log/slog"
	"net"
	"testing"

	"wardlight/cardreader/virtual"
)

// The test's stand-in for vpcd requests the ATR, as vpcd does to detect a card, and then expects the connection to
// end.
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
	for range 2 { // the second plug waits until the slot has been empty for long enough
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
			t.Errorf("read after the card was removed = %x, %v, want end of file", rest, err)
		}
		reader.Close()
	}
}

// pollInterval requests the ATR. A frame is a length of two bytes and a body; the body 4 requests the ATR.
func lookAt(t *testing.T, reader net.Conn, card *virtual.Card) {
	t.Helper()
	if _, err := reader.Write([]byte{0, 1, 4}); err != nil {
		t.Fatal(err)
	}
	atr := make([]byte, 2+len(card.ATR()))
	if _, err := io.ReadFull(reader, atr); err != nil || string(atr[2:]) != string(card.ATR()) {
		t.Errorf("ATR = %x, %v, want %x", atr, err, card.ATR())
	}
}
