// Command wardlight-lab is the training program of Wardlight: the one-command demo, its smartcards and its people.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"wardlight/internal/cli"
	"wardlight/internal/version"
)

func main() {
	log.SetOutput(io.Discard) // as in the other programs: net/http writes what a server sends unasked to it
	os.Exit(run(context.Background(), os.Args[1:], environment{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: time.Now, programPath: programPath,
		environ:  os.Environ(),
		terminal: func() bool { return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) },
	}))
}

// environment contains the external inputs and outputs of the commands.
type environment struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	environ  []string // in the format of os.Environ
	now      func() time.Time
	terminal func() bool // reports whether a person uses the program at a terminal
	// programPath returns the path of another program of Wardlight.
	programPath func(name string) (string, error)
}

func run(ctx context.Context, args []string, env environment) int {
	return cli.Execute(ctx, newRoot(env), args, env.err)
}

func newRoot(env environment) *cobra.Command {
	root := cli.Root(&cobra.Command{
		Use:   "wardlight-lab",
		Short: "Training with Wardlight, and a demo of it",
		Long: "Training with Wardlight, and a demo of it: a hub, a smartcard, patients and a local authority, all " +
			"made up, on this computer alone.",
		Version: version.Line("wardlight-lab"),
	}, env.out, env.err)
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(newDemo(env), newPlay(env), newCard(env), newCards(env), newPeople(env), newVersion(env))
	cli.CompleteArguments(root)
	return root
}

func newVersion(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cli.Exactly(0),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(env.out, version.Line("wardlight-lab"))
			return err
		},
	}
}
