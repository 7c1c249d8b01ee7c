package virtual

import (
	"context"
	"encoding/binary"
	"io"
	"net"
)

// Control bytes of vpcd, the virtual reader driver of the vsmartcard project: the body of a frame of one byte.
const (
	vpcdOff   = 0
	vpcdOn    = 1
	vpcdReset = 2
	vpcdATR   = 4
)

// Plug puts the card into the virtual reader at the other end of conn and serves it until ctx ends or the reader goes
// away, both of which return nil. Closing conn, which Plug always does in the end, is what pulls the card.
//
// A frame is two bytes of length, big-endian, and a body, both ways. Off, on and reset are not answered; everything
// else is, with one frame, since vpcd waits for it for ever.
func Plug(ctx context.Context, conn net.Conn, card *Card) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	defer card.Reset()
	err := serve(quick(conn), card)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func serve(conn io.ReadWriter, card *Card) error {
	frame := make([]byte, 1<<16)
	for {
		body, err := readFrame(conn, frame)
		if err == io.EOF { //nolint:errorlint // bare between two frames: the reader has gone; wrapped or unexpected in one
			return nil
		}
		if err != nil {
			return err
		}
		answer := respond(card, body)
		clear(body) // it may have held the passcode
		if answer == nil {
			continue
		}
		if err := writeFrame(conn, answer); err != nil {
			return err
		}
	}
}

// respond returns the answer to the body of one frame; nil when it must have none.
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

// readFrame reads one frame into space, which holds the longest there is.
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

// writeFrame writes length and body at once: in two writes they would wait for each other's acknowledgement.
func writeFrame(w io.Writer, body []byte) error {
	frame := make([]byte, 2, 2+len(body))
	binary.BigEndian.PutUint16(frame, uint16(len(body)))
	_, err := w.Write(append(frame, body...))
	return err
}
