//go:build !windows

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"wardlight/cardreader"
	"wardlight/client/hubtest"
	"wardlight/internal/session"
)

// typist simulates a user at a pseudo-terminal.
type typist struct {
	hand *os.File // the user's end of the pseudo-terminal
	seen chan string
	app  *app
}

func atTerminal(t *testing.T) *typist {
	t.Helper()
	hand, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	ty := &typist{hand: hand, seen: make(chan string, 1), app: &app{passcodeFD: -1}}
	ty.app.terminal = func() (terminal, error) { return console{tty, tty}, nil }
	t.Cleanup(func() { _ = hand.Close() })
	return ty
}

// waitUntil reads the output until it contains want.
func (ty *typist) waitUntil(t *testing.T, want string) string {
	t.Helper()
	if err := ty.hand.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	buf := make([]byte, 256)
	for !strings.Contains(seen.String(), want) {
		n, err := ty.hand.Read(buf)
		seen.Write(buf[:n])
		if err != nil {
			t.Fatalf("reading the terminal until %q: %v; got %q", want, err, seen.String())
		}
	}
	return seen.String()
}

func TestThePromptTellsOfTheTries(t *testing.T) {
	for _, c := range []struct {
		card session.Card
		want string
	}{
		{session.Card{UUID: hubtest.UUID, Reader: "R", Tries: 3}, "Smartcard 999000000111 in R. 3 tries left.\r\n"},
		{session.Card{UUID: hubtest.UUID, Reader: "R", Tries: 1}, "Smartcard 999000000111 in R. This is the last " +
			"try before the card locks.\r\n"},
		{session.Card{Name: "Ada Sample", Reader: "R", Tries: -1, TriesLow: true}, "Smartcard Ada Sample in R. " +
			"Wrong passcodes were typed: few tries are left.\r\n"},
		{session.Card{Reader: "R", Tries: -1}, "Smartcard Not Known in R.\r\n"},
	} {
		ty := atTerminal(t)
		var got cardreader.Passcode
		done := make(chan error, 1)
		go func() { done <- ty.app.passcode(t.Context(), c.card, &got) }()
		if seen := ty.waitUntil(t, "Passcode: "); !strings.Contains(seen, c.want) {
			t.Errorf("prompt: got %q, want %q in it", seen, c.want)
		}
		if _, err := io.WriteString(ty.hand, "246813\r"); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestAPasscodeIsTypedWithoutATrace(t *testing.T) {
	for name, c := range map[string]struct{ keys, want string }{
		"plain":              {"246813\r", "246813"},
		"with a mistake":     {"2469\x7f8\x0813\r", "24613"},
		"after starting new": {"999\x15246813\n", "246813"},
	} {
		t.Run(name, func(t *testing.T) {
			ty := atTerminal(t)
			var got cardreader.Passcode
			done := make(chan error, 1)
			go func() {
				done <- ty.app.passcode(t.Context(), session.Card{UUID: hubtest.UUID, Reader: "R", Tries: 1}, &got)
			}()

			seen := ty.waitUntil(t, "Passcode: ")
			if !strings.Contains(seen, "Smartcard 999000000111 in R. This is the last try before the card locks.") {
				t.Errorf("prompt: got %q, want the card and the warning about the last try", seen)
			}

			if _, err := io.WriteString(ty.hand, c.keys); err != nil {
				t.Fatal(err)
			}

			if after := ty.waitUntil(t, "\n"); strings.Trim(after, "\r\n") != "" {
				t.Errorf("the terminal echoed %q", after)
			}

			if err := <-done; err != nil {
				t.Fatal(err)
			}

			if string(got.Bytes()) != c.want {
				t.Errorf("passcode: got %q, want %q", got.Bytes(), c.want)
			}

			got.Wipe()
		})
	}
}

func TestCtrlCAtThePasscodeInterrupts(t *testing.T) {
	ty := atTerminal(t)
	var got cardreader.Passcode
	done := make(chan error, 1)
	go func() { done <- ty.app.passcode(t.Context(), session.Card{Tries: -1}, &got) }()
	ty.waitUntil(t, "Passcode: ")
	if _, err := io.WriteString(ty.hand, "24\x03"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, errInterrupted) || got.Len() != 0 {
		t.Errorf("passcode after Ctrl-C: got error %v and %d bytes, want %v and 0", err, got.Len(), errInterrupted)
	}
}

func TestAnEndWhileThePasscodeIsTypedDoesNotWait(t *testing.T) {
	ty := atTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	var got cardreader.Passcode
	done := make(chan error, 1)
	go func() { done <- ty.app.passcode(ctx, session.Card{Tries: 3}, &got) }()
	ty.waitUntil(t, "Passcode: ")
	cancel()
	if err := <-done; !errors.Is(err, errInterrupted) || got.Len() != 0 {
		t.Errorf("passcode after cancel: got error %v and %d bytes, want %v and 0", err, got.Len(), errInterrupted)
	}
}

func TestWithoutATerminalThePasscodeComesByDescriptorOrNotAtAll(t *testing.T) {
	a := &app{passcodeFD: -1, environment: environment{terminal: func() (terminal, error) {
		return nil, os.ErrNotExist
	}}}

	var got cardreader.Passcode
	if err := a.passcode(t.Context(), session.Card{}, &got); codeOf(err) != exitUsage ||
		errorOf(err).Advice != "give it with --passcode-fd" {
		t.Errorf("passcode without a terminal: got error %v, want a usage error that names --passcode-fd", err)
	}

	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}

	if _, err := io.WriteString(write, "246813\r\nignored"); err != nil {
		t.Fatal(err)
	}

	a.inherited = func(int) error { return nil }
	a.passcodeFD, a.file = 3, func(int) io.ReadCloser { return read }
	if err := a.passcode(t.Context(), session.Card{}, &got); err != nil || string(got.Bytes()) != "246813" {
		t.Errorf("passcode from a descriptor: got %d bytes, error %v, want \"246813\"", got.Len(), err)
	}

	stuck, stop := context.WithCancel(t.Context())
	a.file = func(int) io.ReadCloser { stop(); nobody, _, _ := os.Pipe(); return nobody }
	if err := a.passcode(stuck, session.Card{}, &got); !errors.Is(err, errInterrupted) || got.Len() != 0 {
		t.Errorf("passcode from a pipe without data, cancelled: got error %v, want %v", err, errInterrupted)
	}

	handed := newDescriptors()
	a.file, a.inherited = handed.open, handed.claim
	for fd, hint := range map[int]string{
		1: "use 0, or 3 and above", 2: "use 0, or 3 and above",
		999: "open the descriptor for reading, as in --passcode-fd 3 3<FILE",
	} {
		a.passcodeFD = fd
		if err := a.passcode(t.Context(), session.Card{}, &got); codeOf(err) != exitUsage ||
			errorOf(err).Advice != hint {
			t.Errorf("passcode from descriptor %d: got error %v, want a usage error with the hint %q", fd, err, hint)
		}
	}
}
