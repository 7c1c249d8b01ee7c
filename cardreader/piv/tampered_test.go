package piv_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
)

// tamperedReader is a reader that records every command and may answer in place of the card.
type tamperedReader struct {
	*virtual.Reader
	answer  func(command []byte) []byte // a nil response lets the card answer
	fail    func(command []byte) error  // may be nil
	connect func() error                // may be nil
	atr     []byte                      // replaces the card's ATR
	seen    [][]byte

	uncounted bool // the system does not count insertions
}

// sent reports whether a command with that instruction was sent.
func (r *tamperedReader) sent(ins byte) bool {
	return slices.ContainsFunc(r.seen, func(command []byte) bool { return command[1] == ins })
}

func (r *tamperedReader) Connect(ctx context.Context, name string) (cardreader.Link, error) {
	if r.connect != nil {
		if err := r.connect(); err != nil {
			return nil, err
		}
	}
	l, err := r.Reader.Connect(ctx, name)
	if err != nil {
		return nil, err
	}
	return &tamperedLink{l, r}, nil
}

type tamperedLink struct {
	cardreader.Link
	reader *tamperedReader
}

func (l *tamperedLink) Transmit(command []byte) ([]byte, error) {
	r := l.reader
	r.seen = append(r.seen, append([]byte(nil), command...))
	if r.fail != nil {
		if err := r.fail(command); err != nil {
			return nil, err
		}
	}
	if r.answer != nil {
		if answer := r.answer(command); answer != nil {
			return answer, nil
		}
	}
	return l.Link.Transmit(command)
}

func (l *tamperedLink) Insertion() uint32 {
	if l.reader.uncounted {
		return 0
	}
	return l.Link.Insertion()
}

func (l *tamperedLink) ATR() []byte {
	if l.reader.atr != nil {
		return l.reader.atr
	}
	return l.Link.ATR()
}

// openOn opens the card in the reader.
func openOn(t *testing.T, reader *tamperedReader) cardreader.Card {
	t.Helper()
	card, err := piv.Open(context.Background(), reader, reader.Name())
	if err != nil {
		t.Fatalf("Open: %v: %v", err, errors.Unwrap(err))
	}
	return card
}
