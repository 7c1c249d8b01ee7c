package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"wardlight/internal/bench/screenbench"
	"wardlight/internal/cli"
)

// emptyScreen is a minimal Bubble Tea program for comparison. 'make bench' builds it.
const emptyScreen = "wardlight-bench-empty"

func newTUI(env environment) *cobra.Command {
	var o screenbench.Options
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "tui",
		Short: "Count the bytes that the screens send, and time their first frame",
		Long: `Count the bytes that the terminal program writes for each thing a user does, beside mutt and the Midnight Commander, and
time its first frame beside that of an empty program with the same library, on terminals that do and do not answer
queries. All of them run on pseudo-terminals of 80 x 24; the terminal program has a demo's hub and a virtual card
over a private pcscd. What is not installed is named, and not measured.`,
		Args: cli.Exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Runs < 1 || o.Runs > 1000 {
				return cli.UsageError{Err: errors.New("--runs must be a number from 1 to 1000")}
			}

			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			self, err := os.Executable()
			if err != nil {
				return err
			}

			for _, p := range []struct {
				path *string
				name string
			}{{&o.Wardlight, screenbench.Wardlight}, {&o.Empty, emptyScreen}} {
				if *p.path == "" {
					*p.path = besideOrInPath(self, p.name)
				}
			}

			if o.Wardlight == "" {
				return cli.UsageError{Err: errors.New("the program wardlight is neither in the folder of this one " +
					"nor in the PATH: use --wardlight")}
			}

			o.Clock = env.now
			o.Progress = func(what string) { fmt.Fprintln(env.err, what) }
			report, err := screenbench.Run(ctx, o)
			if err != nil {
				return err
			}
			if asJSON {
				return cli.PrintJSON(env.out, report)
			}

			return report.Markdown(env.out)
		},
	}

	flags := cmd.Flags()
	flags.IntVar(&o.Runs, "runs", 21, "number of starts of each program; the result is the median")
	flags.StringVar(&o.Wardlight, "wardlight", "", "the terminal program (default: in the folder of this program, "+
		"or in the PATH)")
	flags.StringVar(&o.Empty, "empty", "", "the program "+emptyScreen+
		" (default: in the folder of this program, or in the PATH)")
	flags.BoolVar(&o.Idle, "idle", false, "also count how often the program wakes up when idle")
	flags.BoolVar(&asJSON, "json", false, "print JSON instead of the tables of docs/performance.md")
	return cmd
}
