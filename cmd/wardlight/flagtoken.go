package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"wardlight/internal/keep"
	"wardlight/internal/recordsystem"
)

// longestToken is the most that is read as a token, in bytes.
const longestToken = 16 << 10

func newFlagToken(a *app) *cobra.Command {
	var fd int
	var remove bool
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Store the token for the record system in this computer's keyring",
		Long: `Store the token for the record system in this computer's keyring, in place of an earlier one. It is asked for on the terminal, where
nothing of it is shown, or read from --token-fd; it is never an argument and never in the environment.

With --remove the stored token is removed.`,
		Example: "  wardlight flag token\n  wardlight flag token --token-fd 0 < token-from-somewhere-safe",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if remove && cmd.Flags().Changed("token-fd") {
				return &usageError{problem: "--remove takes no token", hint: "leave --token-fd out"}
			}
			return a.flagToken(cmd.Context(), fd, remove)
		},
	}
	cmd.Flags().IntVar(&fd, "token-fd", -1, "read the token from this file descriptor `N`; 0 is standard input")
	cmd.Flags().BoolVar(&remove, "remove", false, "remove the stored token")
	return cmd
}

func (a *app) flagToken(ctx context.Context, fd int, remove bool) error {
	c, flags, err := a.needFlags()
	if err != nil {
		return err
	}
	w := &lines{out: a.out}
	if remove {
		if err := a.ring.Delete(ctx, keep.RecordToken(c.RecordURL)); err != nil {
			return err
		}
		w.text("No token for %s is stored any more.", flags.Place())
		return w.err
	}
	token, err := a.askToken(ctx, fd, flags.Place())
	if err != nil {
		return err
	}
	defer clear(token)
	if err := recordsystem.CheckToken(token); err != nil {
		return &usageError{problem: err.Error(), hint: "give the token alone, on one line"}
	}
	err = a.ring.Set(ctx, keep.RecordToken(c.RecordURL), token)
	var ring *keep.Error
	if errors.As(err, &ring) && ring.Kind == keep.TooBig {
		ring.Detail = "This token is too big for this computer's keyring."
	}
	if err != nil {
		return err
	}
	w.text("The token for %s is stored in %s.", flags.Place(), a.ring.Place())
	return w.err
}

// askToken has the token typed on the terminal, where nothing of it is shown, or reads it from the descriptor.
func (a *app) askToken(ctx context.Context, fd int, place string) ([]byte, error) {
	if fd >= 0 {
		f, err := a.file(fd)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		return readToken(ctx, f)
	}
	t, err := a.terminal()
	if err != nil {
		return nil, &usageError{problem: "there is no terminal to ask for the token", hint: "give it with --token-fd"}
	}
	defer func() { _ = t.Close() }()
	restore, err := t.Quiet()
	if err != nil {
		return nil, &usageError{problem: "the terminal cannot hide the token", hint: "give it with --token-fd"}
	}
	defer restore()
	fmt.Fprintf(t, "Token for %s: ", place)
	token, err := readToken(ctx, t)
	fmt.Fprint(t, "\r\n")
	return token, err
}

// readToken reads one line, and gives up when ctx ends. A read cannot be called off, so it has a goroutine of its own, which clears
// what it read when nobody waits any more.
func readToken(ctx context.Context, from io.Reader) ([]byte, error) {
	type line struct {
		token []byte
		err   error
	}
	done := make(chan line)
	go func() {
		token, err := tokenLine(from)
		select {
		case done <- line{token, err}:
		case <-ctx.Done():
			clear(token)
		}
	}()
	select {
	case l := <-done:
		return l.token, l.err
	case <-ctx.Done():
		return nil, errInterrupted
	}
}

// tokenLine reads keys, or bytes, until the line ends.
func tokenLine(from io.Reader) ([]byte, error) {
	token := make([]byte, 0, longestToken)
	var key [1]byte
	for {
		n, err := from.Read(key[:])
		switch {
		case n == 0 && errors.Is(err, io.EOF), n == 1 && (key[0] == keyReturn || key[0] == keyNewline):
			return token, nil
		case n == 0 && err != nil, n == 1 && (key[0] == keyInterrupt || key[0] == keyEnd):
			clear(token)
			return nil, errInterrupted
		case n == 0:
		case key[0] == keyErase || key[0] == keyDelete:
			token = token[:max(0, len(token)-1)]
		case key[0] == keyClear:
			clear(token)
			token = token[:0]
		case len(token) == longestToken:
			clear(token)
			return nil, &usageError{problem: "the token is too long", hint: "give the token alone, on one line"}
		default:
			token = append(token, key[0])
		}
	}
}
