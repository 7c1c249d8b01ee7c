package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/internal/handover"
	"wardlight/internal/nhs"
)

// showDocument is the JSON document wardlight.show/1. It contains no patient data, because the record system may log
// the output of commands that it runs.
type showDocument struct {
	Schema string `json:"schema"`
	Shown  bool   `json:"shown"` // the screens are searching for the patient; no alert was opened
}

func newShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show NHS-NUMBER|-",

		ValidArgsFunction: cobra.NoFileCompletions,

		Short: "Hand a patient over to the screens that run; opens nothing",
		Long: `Hand a patient over to the screens of Wardlight that run already, for the local record system.

The screens look for the patient as if the NHS number had been typed: they show the record and whether
there is an alert. Nothing is opened by it: that takes the key on the screen, as always. Of several
screens of the same user on this computer, the patient goes to those that were started last and have
somebody signed in. They refuse it while nobody is signed in or they are locked (exit code 4), and while
their user is busy: typing, answering a question, opening an alert or printing (exit code 10).

- reads the number from standard input. Use it: what is on a command line can be read by every user of
the computer (ps), and an NHS number is about somebody.

No card is needed, no passcode is asked for, and this command asks no hub. It does not work on Windows yet.`,
		Example: "  echo 999 000 0018 | wardlight show -\n  wardlight show 999 000 0018",
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := a.readNumber(cmd.Context(), args)
			if err != nil {
				return err
			}
			return a.handOverTo(cmd.Context(), number)
		},
	}
}

// readNumber reads the NHS number from the command line or from standard input. Errors are *usageError and
// *nhs.FormError.
func (a *app) readNumber(ctx context.Context, args []string) (nhs.Number, error) {
	switch {
	case len(args) == 0:
		return "", &usageError{
			problem: "give an NHS number, or - to read it from standard input",
			hint:    "see 'wardlight show --help'",
		}
	case args[0] != "-":
		return nhs.ParseNumber(strings.Join(args, " "))
	case len(args) > 1:
		return "", &usageError{problem: "- reads the NHS number from standard input: nothing goes behind it"}
	}
	line, err := firstLine(ctx, a.in)
	if err != nil {
		return "", err
	}
	return nhs.ParseNumber(line)
}

// maxNumberLine is the maximum length in bytes of a line with an NHS number. It allows for multi-byte spaces.
const maxNumberLine = 256

// firstLine reads one line. Errors are errInterrupted and *usageError.
func firstLine(ctx context.Context, from io.Reader) (string, error) {
	type read struct {
		line string
		err  error
	}

	done := make(chan read, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(from, maxNumberLine)).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		done <- read{line, err}
	}()

	select {
	case r := <-done:
		if r.err != nil {
			return "", &usageError{problem: "standard input cannot be read"}
		}
		return r.line, nil
	case <-ctx.Done():
		return "", errInterrupted
	}
}

// handOverTo sends the number to the running screens. Errors are *handover.Error.
func (a *app) handOverTo(ctx context.Context, n nhs.Number) error {
	if err := handover.Show(ctx, a.handOver, n); err != nil {
		return err
	}
	if a.json {
		return a.print(showDocument{Schema: "wardlight.show/1", Shown: true})
	}
	_, err := fmt.Fprintln(a.out, "Wardlight looks for the patient now. Nothing was opened.")
	return err
}
