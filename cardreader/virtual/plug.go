package virtual

import (
	"context"
	"encoding/binary"
	"io"
	"net"
)

// Control bytes of vpcd, the virtual reader driver of the vsmartcard project. A frame with a body of one byte contains
// one.
const (
	vpcdOff   = 0
	vpcdOn    = 1
	vpcdReset = 2
	vpcdATR   = 4
)

// Plug inserts the card into the virtual reader at the other end of conn, and serves it until ctx is done or the
// reader closes the connection. It then returns nil. Plug closes conn before it returns, which removes the card.
//
// In both directions a frame has a length of two bytes, big-endian, and a body. Off, on and reset are not answered.
// Everything else is answered with exactly one frame, because vpcd waits for it without a timeout.
func Plug(ctx context.Context, conn net.Conn, card *Card) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	defer card.Reset()
	err := serve(withQuickAck(conn), card)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func serve(conn io.ReadWriter, card *Card) error {
	frame := make([]byte, 1<<16)
	for {
		body, err := readFrame(conn, frame)
		if err == io.EOF { //nolint:errorlint // closed between two frames; within one the error is another
			return nil
		}
		if err != nil {
			return err
		}
		answer := respond(card, body)
		clear(body) // it may contain the passcode
		if answer == nil {
			continue
		}
		if err := writeFrame(conn, answer); err != nil {
			return err
		}
	}
}

// respond returns the answer to the body of a frame, or nil if there must be none.
func respond(card *Card, body []byte) []byte {
	if len(body) != 1 {
		return card.Process(body)
	}
	switch body[0] {
	case vpcdOff, vpcdOn:
		card.Reset()
		return nil
	case vpcdReset:
		card.WarmReset()
		return nil
	case vpcdATR:
		return card.ATR()
	}
	return card.Process(body)
}

// readFrame reads one frame into space, which has room for the longest one.
func readFrame(r io.Reader, space []byte) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	body := space[:binary.BigEndian.Uint16(head[:])]
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return body, nil
}

// writeFrame writes length and body in one call. With two writes the second would wait for the acknowledgement of the
// first.
func writeFrame(w io.Writer, body []byte) error {
	frame := make([]byte, 2, 2+len(body))
	binary.BigEndian.PutUint16(frame, uint16(len(body)))
	_, err := w.Write(append(frame, body...))
	return err
}
