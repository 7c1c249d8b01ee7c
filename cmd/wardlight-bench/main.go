// Command wardlight-bench measures Wardlight: sign-ins, screens, searches and the hub, beside other programs that do
// the same. It is for maintainers, and is neither released nor packaged.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], environment{out: os.Stdout, err: os.Stderr, now: time.Now}))
}

// environment is what the commands take from outside.
type environment struct {
	out, err io.Writer
	now      func() time.Time
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
	fmt.Fprintln(env.err, "wardlight-bench:", err)
	if usage := (usageError{}); errors.As(err, &usage) {
		fmt.Fprintln(env.err, "see: wardlight-bench --help")
		return exitUsage
	}
	return exitFailed
}

func newRoot(env environment) *cobra.Command {
	root := &cobra.Command{
		Use:           "wardlight-bench",
		Short:         "Measure Wardlight, beside other programs that do the same",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          oneOfTheCommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(env.out)
	root.SetErr(env.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newCard(env), newSign(env), newTrace(env), newHub(env), newTUI(env))
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

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
