// Package cli provides what the command lines of the programs for trainers, maintainers and operators have in common.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// UsageError is an invalid command line.
type UsageError struct{ Err error }

// Error returns the text of the wrapped error.
func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e UsageError) Unwrap() error { return e.Err }

// ErrFailed is returned by a command that has already reported its failure; [Execute] writes nothing about it.
var ErrFailed = errors.New("failed")

// Exit returns an error that makes [Execute] return the exit code and write nothing. It is for a command that ran
// another program, which has reported its own failure. For ExitOK it returns nil.
func Exit(code int) error {
	if code == ExitOK {
		return nil
	}
	return exitError(code)
}

// exitError is an exit code as an error.
type exitError int

// Error returns the text "exit code" and the number.
func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Root configures a command as the root command of a program that writes to out and errOut. Without a subcommand it
// shows its help.
func Root(root *cobra.Command, out, errOut io.Writer) *cobra.Command {
	root.SilenceUsage, root.SilenceErrors = true, true
	root.Args = OneOfTheCommands
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.SetOut(out)
	root.SetErr(errOut)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return UsageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// Execute runs a command line, writes its error to errOut, and returns the exit code.
func Execute(ctx context.Context, root *cobra.Command, args []string, errOut io.Writer) int {
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, ErrFailed):
		return ExitFailed
	}
	if code := exitError(0); errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintln(errOut, root.Name()+":", err)
	if usage := (UsageError{}); errors.As(err, &usage) {
		fmt.Fprintln(errOut, "see:", root.Name(), "--help")
		return ExitUsage
	}
	return ExitFailed
}

// OneOfTheCommands returns an error if there are arguments, because they are no subcommand.
func OneOfTheCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return UsageError{fmt.Errorf("there is no command %q", cmd.CommandPath()+" "+args[0])}
}

// Exactly returns a check that the number of arguments is n.
func Exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return UsageError{fmt.Errorf("usage: %s", cmd.UseLine())}
	}
}

// PrintJSON writes a value as indented JSON.
func PrintJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
