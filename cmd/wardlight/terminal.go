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

// terminal is the controlling terminal, also when standard input and output are redirected.
type terminal interface {
	io.ReadWriteCloser
	// Quiet disables echo and line editing, and returns a function that enables them again.
	Quiet() (restore func(), err error)
}

// console is a terminal given by its two files.
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

// secretPrompt describes a secret that a command needs.
type secretPrompt struct {
	what      string // "passcode"
	option    string // names the file descriptor to use instead of a terminal
	fd        int    // value of that option, or noDescriptor
	heading   string // line above the prompt; may be ""
	prompt    string
	maxLength int // maximum length in bytes
}

// secret reads a secret from the descriptor or the terminal. The caller must clear it. The error is errInterrupted,
// errTooLong or a *usageError.
func (a *app) secret(ctx context.Context, s secretPrompt) ([]byte, error) {
	if s.fd == noDescriptor {
		return a.readTyped(ctx, s)
	}
	if err := a.checkFD(s.option, s.fd); err != nil {
		return nil, err
	}
	f := a.file(s.fd)
	defer func() { _ = f.Close() }()
	secret, err := secretLine(ctx, f, fromFile, s.maxLength)
	if err == nil || errors.Is(err, errInterrupted) || errors.Is(err, errTooLong) {
		return secret, err
	}
	return nil, &usageError{
		problem: fmt.Sprintf("the %s cannot be read from %s", s.what, s.option),
		hint:    handOver(s.option),
	}
}

// readTyped reads a secret typed on the terminal, without any echo: its length isn't shown either.
func (a *app) readTyped(ctx context.Context, s secretPrompt) ([]byte, error) {
	t, err := a.terminal()
	if err != nil {
		return nil, &usageError{problem: "there is no terminal to ask for the " + s.what, hint: "give it with " +
			s.option}
	}
	defer func() { _ = t.Close() }()
	if s.heading != "" {
		fmt.Fprintln(t, s.heading)
	}
	restore, err := t.Quiet()
	if err != nil {
		return nil, &usageError{problem: "the terminal cannot hide the " + s.what, hint: "give it with " + s.option}
	}
	defer restore()
	fmt.Fprint(t, s.prompt)
	secret, err := secretLine(ctx, t, fromKeys, s.maxLength)
	fmt.Fprint(t, "\r\n")
	return secret, err
}

// passcode reads the passcode for the card. Errors are those of secret. A passcode that is too long for any card gives
// an error of kind PasscodeForm.
//
// For a reader with a keypad it reads nothing, but shows a message that asks the user to type the passcode on the
// reader.
func (a *app) passcode(ctx context.Context, card session.Card, into *cardreader.Passcode) error {
	_, holder := card.Holder()
	if card.OnReader {
		fmt.Fprintf(a.err, "wardlight: Smartcard %s in %s.%s Type the passcode on the reader.\n", orNotKnown(holder),
			card.Reader, triesLeft(card))
		return nil
	}

	secret, err := a.secret(ctx, secretPrompt{
		what: "passcode", option: "--passcode-fd", fd: a.passcodeFD, prompt: "Passcode: ",
		maxLength: cardreader.MaxPasscode,
		heading:   fmt.Sprintf("Smartcard %s in %s.%s", orNotKnown(holder), card.Reader, triesLeft(card)),
	})
	defer clear(secret)
	if errors.Is(err, errTooLong) {
		return &cardreader.Error{Kind: cardreader.PasscodeForm}
	}

	into.Wipe()
	for _, b := range secret {
		into.Append(b)
	}

	return err
}

// triesLeft returns a sentence with the number of tries left, or that few are left; "" when the card doesn't report
// it.
func triesLeft(c session.Card) string {
	switch {
	case c.FewTries():
		return " Wrong passcodes were typed: few tries are left."
	case c.Tries < 0:
		return ""
	case c.Tries == 1:
		return " This is the last try before the card locks."
	}
	return fmt.Sprintf(" %d tries left.", c.Tries)
}
