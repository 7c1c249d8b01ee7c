package main

import (
	"context"
	"errors"
	"io"
	"time"

	"wardlight/tui/act"
)

// The bytes that mean something while a secret is typed.
const (
	keyInterrupt = 0x03 // Ctrl-C
	keyEnd       = 0x04 // Ctrl-D
	keyErase     = 0x08
	keyReturn    = '\r'
	keyNewline   = '\n'
	keyClear     = 0x15 // Ctrl-U
	keyDelete    = 0x7f
)

// errTooLong is a secret that is longer than any may be.
var errTooLong = errors.New("the secret is too long")

// hand is where a secret comes from.
type hand bool

// A secret is typed on a quiet terminal, where keys edit it and only Enter ends it; or it is the first line of a
// file, as it stands there.
const (
	fromKeys hand = true
	fromFile hand = false
)

// secretLine reads a secret of most bytes at most, and gives up when ctx ends. The secret is the caller's to clear.
// The error is errInterrupted, also where the terminal goes; errTooLong; or the file's own. A read cannot be called
// off, so it has a goroutine of its own, which clears what it read when nobody waits any more.
func secretLine(ctx context.Context, from io.Reader, h hand, most int) ([]byte, error) {
	type line struct {
		secret []byte
		err    error
	}
	done := make(chan line)
	go func() {
		secret, err := readSecret(from, h, make([]byte, 0, most))
		select {
		case done <- line{secret, err}:
		case <-ctx.Done():
			clear(secret)
		}
	}()
	select {
	case l := <-done:
		return l.secret, l.err
	case <-ctx.Done():
		return nil, errInterrupted
	}
}

// readSecret reads byte by byte into the room of a slice, which is cleared on an error: nothing of the secret stands
// in a buffer, and no growing slice leaves a piece of it behind.
func readSecret(from io.Reader, h hand, room []byte) (secret []byte, err error) {
	secret = room[:0]
	defer func() {
		if err != nil {
			clear(room[:cap(room)])
			secret = nil
		}
	}()
	var b [1]byte
	defer clear(b[:])
	var keys act.Sequence // an arrow's letters are no part of a secret, of which each wrong one costs a try
	for {
		n, err := from.Read(b[:])
		key := b[0]
		switch {
		case n == 0 && err == nil:
		case n == 0 && h == fromFile && errors.Is(err, io.EOF), n == 1 && (key == keyReturn || key == keyNewline):
			return secret, nil
		case n == 0 && h == fromFile:
			return nil, err
		case n == 0, h == fromKeys && (key == keyInterrupt || key == keyEnd):
			return nil, errInterrupted
		case h == fromKeys && keys.Takes(rune(key), time.Time{}):
		case h == fromKeys && (key == keyErase || key == keyDelete):
			if last := len(secret) - 1; last >= 0 {
				secret[last] = 0
				secret = secret[:last]
			}
		case h == fromKeys && key == keyClear:
			clear(secret)
			secret = secret[:0]
		case h == fromKeys && key < ' ':
		case len(secret) == cap(secret):
			return nil, errTooLong
		default:
			secret = append(secret, key)
		}
	}
}
