package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"wardlight/hub/store/sqlite"
)

func newRestore() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FOLDER",
		Short: "Check a backup and put it into a new data folder",
		Long: `Check a backup and copy it into the data folder (--data), which must not have databases.

The command checks each file against the manifest, that no newer hub wrote the backup, the databases themselves, and the
whole audit. If a check fails, nothing is restored.

The backup has no changes that were made after it. So every authority must send again the plans that it sent since then. Until
'wardlight-hub authority resent' confirms it for all, the hub does not answer checks of children without a plan.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			return restore(c.Context(), c.OutOrStdout(), s, args[0])
		},
	}
}

func restore(ctx context.Context, out io.Writer, s *settings, from string) error {
	if err := onlySQLite(s,
		"PostgreSQL is restored by its own tools: pg_restore, or the files of pg_basebackup"); err != nil {
		return err
	}
	if err := s.checkNotRoot(); err != nil {
		return err
	}

	m, err := sqlite.Restore(ctx, from, s.data)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := os.RemoveAll(s.importsFolder()); err != nil { // the bookmarks belong to the former ledger
		return fmt.Errorf("restore: %w", err)
	}
	if err := sayManifest(out, s.data, m); err != nil {
		return err
	}

	_, err = fmt.Fprintf(out, "Every authority has to send again what it sent since then. Until 'wardlight-hub "+
		"authority resent' confirms it for all, the hub answers \"none recorded\" for no child.\n")
	return err
}
