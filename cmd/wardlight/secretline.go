package main

import (
	"context"
	"errors"
	"io"
	"time"

	"wardlight/tui/act"
)

// Bytes with a special meaning while a secret is typed.
const (
	keyInterrupt = 0x03 // Ctrl-C
	keyEnd       = 0x04 // Ctrl-D
	keyErase     = 0x08
	keyReturn    = '\r'
	keyNewline   = '\n'
	keyClear     = 0x15 // Ctrl-U
	keyDelete    = 0x7f
)

// errTooLong is the error of a secret over the maximum length.
var errTooLong = errors.New("the secret is too long")

// secretSource is the source of a secret.
type secretSource bool

// A secret is typed on a terminal without echo, with editing keys, and ends with Enter; or it is the first line of a
// file, unchanged.
const (
	fromKeys secretSource = true
	fromFile secretSource = false
)

// secretLine reads a secret of at most limit bytes. The caller must clear it. The error is errInterrupted when ctx is
// done or the terminal closes, errTooLong, or the read error of the file. A read cannot be cancelled, so it runs in
// its own goroutine, which clears a secret that arrives too late.
func secretLine(ctx context.Context, from io.Reader, h secretSource, limit int) ([]byte, error) {
	type line struct {
		secret []byte
		err    error
	}
	done := make(chan line)
	go func() {
		secret, err := readSecret(from, h, make([]byte, 0, limit))
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

// readSecret reads byte by byte into the capacity of room, and clears it on an error. No buffer and no reallocated
// slice retains a part of the secret.
func readSecret(from io.Reader, h secretSource, avail []byte) (secret []byte, err error) {
	secret = avail[:0]
	defer func() {
		if err != nil {
			clear(avail[:cap(avail)])
			secret = nil
		}
	}()

	var b [1]byte
	defer clear(b[:])
	var keys act.Sequence // ignores arrow keys: their escape sequences would spoil the passcode
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
		case h == fromKeys && keys.Consume(rune(key), time.Time{}):
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
