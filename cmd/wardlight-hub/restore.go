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
		Long: `Check a backup and put it into the data folder (--data), which must not hold books.

Checked are what the manifest says of each file, that no newer hub has written it, the files themselves, and the whole audit. Of a
backup that fails in any of these nothing is put into place.

What the hub did after the backup is not in it. So every authority has to send again the plans that it sent since then, and until
'wardlight-hub authority resent' says that all have, a child without a plan could not be checked.`,
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
	if err := onlySQLite(s, "PostgreSQL is restored by its own tools: pg_restore, or the files of pg_basebackup"); err != nil {
		return err
	}
	if err := s.refuseRoot(); err != nil {
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
	_, err = fmt.Fprintf(out, "Every authority has to send again what it sent since then. Until 'wardlight-hub authority resent' says that all have, no child reads \"none recorded\".\n")
	return err
}
