// Command wardlight-hub is the reference hub of Wardlight: sign-in, trace, alerts, notifications and audit.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"wardlight/internal/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot(os.Stdout, os.Stderr).ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "wardlight-hub:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

func newRoot(out, log io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "wardlight-hub",
		Short:         "The reference hub of Wardlight",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetOut(out)
	root.SetErr(log)
	root.AddCommand(newServe(log), newVersion())
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), "wardlight-hub", version.String())
			return err
		},
	}
}
