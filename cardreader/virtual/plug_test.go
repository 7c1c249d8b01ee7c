package virtual_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"

	"wardlight/cardreader/virtual"
)

func frame(body ...byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(body))), body...)
}

// plugged plugs a card in. It returns vpcd's end of the connection and a channel with the result of Plug.
func plugged(t *testing.T, card *virtual.Card) (net.Conn, context.CancelFunc, <-chan error) {
	t.Helper()
	ours, theirs := net.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- virtual.Plug(ctx, theirs, card) }()
	t.Cleanup(func() {
		cancel()
		_ = ours.Close()
	})
	return ours, cancel, done
}

func ask(t *testing.T, conn net.Conn, body ...byte) []byte {
	t.Helper()
	if _, err := conn.Write(frame(body...)); err != nil {
		t.Fatal(err)
	}
	return answer(t, conn)
}

func answer(t *testing.T, conn net.Conn) []byte {
	t.Helper()
	var head [2]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, binary.BigEndian.Uint16(head[:]))
	if _, err := io.ReadFull(conn, body); err != nil {
		t.Fatal(err)
	}
	return body
}

func TestControlFramesAreNotAnsweredAndResetTheCard(t *testing.T) {
	card := p256(t)
	conn, cancel, done := plugged(t, card)
	for control := range byte(3) {
		if got := ask(t, conn, unhex(t, selectPIV)...); got[0] != 0x61 {
			t.Fatalf("SELECT: got %X, want 61xx", got)
		}

		if got := ask(t, conn, unhex(t, verifyOK)...); !bytes.Equal(got, []byte{0x90, 0x00}) {
			t.Fatalf("VERIFY: got %X, want 9000", got)
		}

		if _, err := conn.Write(frame(control)); err != nil {
			t.Fatal(err)
		}

		if got := ask(t, conn, 4); !bytes.Equal(got, card.ATR()) { // the control byte got no answer
			t.Fatalf("ATR after control byte %d: got %X, want %X", control, got, card.ATR())
		}

		if card.Verified() {
			t.Errorf("control byte %d: the card is still verified", control)
		}
	}

	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}

	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open after ctx was cancelled")
	}
}

func TestPlug_ReaderDisconnects(t *testing.T) {
	conn, _, done := plugged(t, p256(t))
	_ = conn.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	conn, _, done = plugged(t, p256(t))
	if _, err := conn.Write([]byte{0, 9, 1}); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if err := <-done; err == nil {
		t.Error("Plug after an incomplete frame = nil, want an error")
	}
}

// FuzzPlug sends arbitrary bytes as frames of vpcd. The card must answer as required, and Plug must return at their
// end.
func FuzzPlug(f *testing.F) {
	card := p256(f)
	f.Add(frame(4))
	f.Add(append(frame(1), frame(unhex(f, selectPIV)...)...))
	f.Add([]byte{0, 0, 0xFF, 0xFF, 1})

	f.Fuzz(func(t *testing.T, stream []byte) {
		ours, theirs := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = virtual.Plug(t.Context(), theirs, card)
		}()
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, ours)
		}()
		_, _ = ours.Write(stream)
		_ = ours.Close()
		<-done
		<-drained
	})
}
