package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"wardlight/cardreader"
	"wardlight/internal/session"
)

// terminal is the user's terminal, whatever standard input and output are.
type terminal interface {
	io.ReadWriteCloser
	// Quiet turns echo and line editing off and gives the function that turns them on again.
	Quiet() (restore func(), err error)
}

// console is a terminal by its files.
type console struct{ in, out *os.File }

func (c console) Read(b []byte) (int, error)  { return c.in.Read(b) }
func (c console) Write(b []byte) (int, error) { return c.out.Write(b) }

func (c console) Close() error {
	if c.in == c.out {
		return c.in.Close()
	}
	return errors.Join(c.in.Close(), c.out.Close())
}

func (c console) Quiet() (func(), error) {
	before, err := term.MakeRaw(int(c.in.Fd()))
	if err != nil {
		return nil, err
	}
	return func() { _ = term.Restore(int(c.in.Fd()), before) }, nil
}

// The bytes that mean something while a passcode is typed.
const (
	keyInterrupt = 0x03 // Ctrl-C
	keyEnd       = 0x04 // Ctrl-D
	keyErase     = 0x08
	keyReturn    = '\r'
	keyNewline   = '\n'
	keyClear     = 0x15 // Ctrl-U
	keyDelete    = 0x7f
)

// askPasscode has the passcode typed on the terminal. Nothing of it is shown, not even its length. The error is
// errInterrupted, a *usageError where there is no terminal, or of kind PasscodeForm for one that is too long for any card.
func (a *app) askPasscode(ctx context.Context, card session.Card, into *cardreader.Passcode) error {
	t, err := a.terminal()
	if err != nil {
		return &usageError{problem: "there is no terminal to ask for the passcode", hint: "give it with --passcode-fd"}
	}
	defer func() { _ = t.Close() }()
	fmt.Fprintf(t, "Smartcard %s in %s.%s\n", card.UUID, card.Reader, triesLeft(card.Tries))
	restore, err := t.Quiet()
	if err != nil {
		return &usageError{problem: "the terminal cannot hide the passcode", hint: "give it with --passcode-fd"}
	}
	defer restore()
	fmt.Fprint(t, "Passcode: ")
	err = within(ctx, into, func(typed *cardreader.Passcode) error { return typePasscode(t, typed) })
	fmt.Fprint(t, "\r\n")
	return err
}

// within has a passcode read, and gives up when ctx ends. A read cannot be called off, so it has a goroutine and a passcode
// of its own, which it wipes when nobody waits any more.
func within(ctx context.Context, into *cardreader.Passcode, read func(*cardreader.Passcode) error) error {
	var typed cardreader.Passcode
	done := make(chan error)
	go func() {
		err := read(&typed)
		select {
		case done <- err:
		case <-ctx.Done():
			typed.Wipe()
		}
	}()
	select {
	case err := <-done:
		typed.MoveTo(into)
		return err
	case <-ctx.Done():
		return errInterrupted
	}
}

// typePasscode reads keys until the passcode is ended.
func typePasscode(from io.Reader, into *cardreader.Passcode) error {
	var key [1]byte
	defer clear(key[:])
	for {
		if _, err := from.Read(key[:]); err != nil {
			into.Wipe()
			return errInterrupted
		}
		switch b := key[0]; b {
		case keyReturn, keyNewline:
			return nil
		case keyInterrupt, keyEnd:
			into.Wipe()
			return errInterrupted
		case keyErase, keyDelete:
			into.Backspace()
		case keyClear:
			into.Wipe()
		default:
			if b < ' ' {
				continue
			}
			if !into.Append(b) {
				into.Wipe()
				return &cardreader.Error{Kind: cardreader.PasscodeForm}
			}
		}
	}
}

// readPasscode reads the first line of a file descriptor.
func readPasscode(from io.Reader, into *cardreader.Passcode) error {
	var b [1]byte
	defer clear(b[:])
	for {
		n, err := from.Read(b[:])
		switch {
		case n == 1 && b[0] == '\n', n == 0 && err != nil && errors.Is(err, io.EOF):
			return nil
		case n == 1 && b[0] == '\r':
		case n == 1 && !into.Append(b[0]):
			into.Wipe()
			return &cardreader.Error{Kind: cardreader.PasscodeForm}
		case n == 0 && err != nil:
			into.Wipe()
			return &usageError{problem: "the passcode cannot be read from --passcode-fd", hint: "open the descriptor for reading, as in --passcode-fd 3 3<FILE"}
		}
	}
}

// passcode gets the passcode for the card from where the command line says.
func (a *app) passcode(ctx context.Context, card session.Card, into *cardreader.Passcode) error {
	if a.passcodeFD < 0 {
		return a.askPasscode(ctx, card, into)
	}
	f, err := a.file(a.passcodeFD)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return within(ctx, into, func(typed *cardreader.Passcode) error { return readPasscode(f, typed) })
}

// openDescriptor is an open file descriptor of this process, other than standard output and error.
func openDescriptor(fd int) (io.ReadCloser, error) {
	if fd == 1 || fd == 2 {
		return nil, &usageError{problem: fmt.Sprintf("--passcode-fd %d is where messages go", fd), hint: "use 0, or 3 and above"}
	}
	return os.NewFile(uintptr(fd), "passcode"), nil
}

// triesLeft says how many tries are left, where the card does.
func triesLeft(n int) string {
	switch {
	case n < 0:
		return ""
	case n == 1:
		return " This is the last try before the card locks."
	}
	return fmt.Sprintf(" %d tries left.", n)
}
