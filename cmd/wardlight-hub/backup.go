package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/store/sqlite"
	"wardlight/internal/version"
)

func newBackup() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FOLDER",
		Short: "Copy the hub's databases into a new folder, while it runs",
		Long: `Copy the hub's databases into a new folder, whether the hub is running or not. The backup includes every request that was
answered before it started.

The folder is FOLDER.partial until it is completely on the disk, and is then renamed. It contains patients' data: protect it
like the databases. 'wardlight-hub restore' checks and restores it.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			return backup(c.Context(), c.OutOrStdout(), s, args[0])
		},
	}
}

func backup(ctx context.Context, out io.Writer, s *settings, dest string) error {
	if err := onlySQLite(s, "PostgreSQL is backed up by its own tools: pg_dump, or pg_basebackup with the "+
		"write-ahead log"); err != nil {
		return err
	}
	ledger, err := sqlite.OpenReadOnly(ctx, s.data)
	if err != nil {
		return err
	}
	defer ledger.Close() //nolint:errcheck // it was only read
	m, err := ledger.Backup(ctx, dest, version.String(), time.Now)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return sayManifest(out, dest, m)
}

// onlySQLite rejects settings with PostgreSQL as the store.
func onlySQLite(s *settings, why string) error {
	if s.engine == "sqlite" {
		return nil
	}
	return s.Reject("store.engine", why, "see docs/backup.md")
}

func sayManifest(out io.Writer, folder string, m sqlite.Manifest) error {
	for _, f := range m.Files {
		if _, err := fmt.Fprintf(out, "%s  %d bytes  SHA-256 %s\n", f.Name, f.Bytes, f.SHA256); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%s has the databases as of %s: %d audit records, the last with the hash %s.\n", folder,
		m.Started.UTC().Format(time.RFC3339), m.Audit.Records, base64.StdEncoding.EncodeToString(m.Audit.Hash))
	return err
}
