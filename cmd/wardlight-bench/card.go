package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"wardlight/internal/bench/cardbench"
	"wardlight/internal/cli"
)

// pivGo is the program that runs the benchmark with piv-go. 'make bench' builds it.
const pivGo = "wardlight-bench-pivgo"

func newCard(env environment) *cobra.Command {
	var o cardbench.Options
	var asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use:   "card",
		Short: "Count the exchanges of a sign-in, and compare its time with piv-go, yubico-piv-tool and OpenSC",
		Long: `Count the exchanges of a sign-in with a smartcard, and time it beside piv-go, yubico-piv-tool and pkcs11-tool: each verifies
the passcode, reads the certificate and signs, on the same virtual card over the same private pcscd. Times are of
whole processes, and every signature is checked. What is not installed is named, and not measured.`,
		Args: cli.Exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Runs < 1 || o.Runs > 1000 || o.Delay < 0 || o.Delay > time.Second {
				return cli.UsageError{Err: errors.New(
					"--runs must be a number from 1 to 1000, and --delay a time up to 1s",
				)}
			}

			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
			defer stop()
			self, err := os.Executable()
			if err != nil {
				return err
			}

			o.Self, o.Clock = []string{self, "sign"}, env.now
			if o.PivGo == "" {
				o.PivGo = besideOrInPath(self, pivGo)
			}

			o.Progress = func(what string) { fmt.Fprintln(env.err, what) }
			report, err := cardbench.Card(ctx, o)
			if err != nil {
				return err
			}

			switch {
			case asJSON:
				return cli.PrintJSON(env.out, report)
			case asMarkdown:
				return report.Markdown(env.out)
			}

			return report.Table(env.out)
		},
	}

	flags := cmd.Flags()
	flags.IntVar(&o.Runs, "runs", 9, "number of runs of each program")
	flags.DurationVar(&o.Delay, "delay", 15*time.Millisecond, "duration of an exchange, in the runs with a delay")
	flags.StringVar(&o.PivGo, "piv-go", "", "the program "+pivGo+
		" (default: in the folder of this program, or in the PATH)")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	flags.BoolVar(&asMarkdown, "markdown", false, "print the tables of docs/performance.md")
	return cmd
}

// newSign returns the command that signs with our driver, as a process like the other programs.
func newSign(env environment) *cobra.Command {
	return &cobra.Command{
		Use:    "sign READER DIGEST",
		Short:  "Sign a digest with the card in the reader; the passcode comes on standard input",
		Hidden: true,
		Args:   cli.Exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return cardbench.Sign(cmd.Context(), os.Stdin, env.out, args[0], args[1])
		},
	}
}

// besideOrInPath returns the path of the program in the folder of self or in PATH, or "" if it is in neither.
func besideOrInPath(self, name string) string {
	if path := filepath.Join(filepath.Dir(self), name); isProgram(path) {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

func isProgram(path string) bool {
	_, err := exec.LookPath(path)
	return err == nil
}
