// Command wardlight-lab is the training program of Wardlight: the one-command demo, its smartcards and its people.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"wardlight/internal/version"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], environment{
		out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: time.Now, beside: beside,
		terminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) },
	}))
}

// environment is what the commands take from outside.
type environment struct {
	out, err io.Writer
	getenv   func(string) string
	now      func() time.Time
	terminal func() bool // whether a person sits there
	// beside returns the path of another program of Wardlight.
	beside func(name string) (string, error)
}

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func run(ctx context.Context, args []string, env environment) int {
	root := newRoot(env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errFailed) {
		return exitFailed
	}
	fmt.Fprintln(env.err, "wardlight-lab:", err)
	if usage := (usageError{}); errors.As(err, &usage) {
		fmt.Fprintln(env.err, "see: wardlight-lab --help")
		return exitUsage
	}
	return exitFailed
}

func newRoot(env environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "wardlight-lab",
		Short: "Training with Wardlight, and a demo of it",
		Long: "Training with Wardlight, and a demo of it: a hub, a smartcard, patients and a local authority, all made up, " +
			"on this computer alone.",
		Version:       version.String(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          oneOfTheCommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("wardlight-lab {{.Version}}\n")
	root.SetOut(env.out)
	root.SetErr(env.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newDemo(env), newPlay(env), newCards(env), newPeople(env), newVersion(env))
	return root
}

// oneOfTheCommands refuses words that are no command.
func oneOfTheCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("there is no command %q", cmd.CommandPath()+" "+args[0])}
}

// exactly refuses another number of arguments than the usage line shows.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usageError{fmt.Errorf("usage: %s", cmd.UseLine())}
	}
}

func newVersion(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which Wardlight this is",
		Args:  exactly(0),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(env.out, version.String())
			return err
		},
	}
}
