// Command wardlight-hub is the reference hub of Wardlight: sign-in, trace, alerts, notifications and audit.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"wardlight/internal/cli"
	"wardlight/internal/config"
	"wardlight/internal/version"
)

func main() {
	// net/http writes what a server sends unasked to the standard logger. The hub's log names no patient.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends it at once
	if err := newRoot(os.Stdout, os.Stderr).ExecuteContext(ctx); err != nil {
		stop()
		os.Exit(reportError(os.Stderr, err)) //nolint:gocritic // stop was called
	}
}

// Exit codes.
const (
	exitFailed    = 1 // of audit verify: the audit was modified
	exitSettings  = 2
	exitUnchecked = 2 // of audit verify: the audit could not be checked
)

// uncheckedError is the error of a check that could not be made. Its exit code lets scheduled jobs distinguish it from
// a failed check.
type uncheckedError struct{ error }

// Unwrap returns the underlying error.
func (e uncheckedError) Unwrap() error { return e.error }

// reportError writes the error and advice, and returns the exit code.
func reportError(to io.Writer, err error) int {
	fmt.Fprintln(to, "wardlight-hub:", err)
	var set *config.Error
	if !errors.As(err, &set) {
		if errors.As(err, &uncheckedError{}) {
			return exitUnchecked
		}
		return exitFailed
	}
	if set.Hint != "" {
		fmt.Fprintln(to, "wardlight-hub: hint:", set.Hint)
	}
	return exitSettings
}

func newRoot(out, log io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "wardlight-hub",
		Short:         "The reference hub of Wardlight",
		Version:       version.Line("wardlight-hub"),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(newInit(), newDoctor())
	root.SetOut(out)
	root.SetErr(log)
	withSettings(root)
	root.AddCommand(newServe(log), newImport(log), newOutbox(), newAuthority(), newPlan(), newConfig(), newAudit(),
		newBackup(), newRestore(), newCopy(log), newMigrate(), newStaff(), newRevoke(), newVersion())
	cli.CompleteArguments(root)
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), version.Line("wardlight-hub"))
			return err
		},
	}
}
