package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

func newAuditSeal() *cobra.Command {
	var before, source string
	x := audit.Segment{Reason: func(what string) string { return operatorReason(what) }}
	c := &cobra.Command{
		Use:   "seal --before TIME --out FILE",
		Short: "Export old audit records to a file and delete them from the ledger",
		Long: `Export the audit records from before a time to a file, and delete them from the ledger. The hub may be running. The chain
continues from the last of them, and 'wardlight-hub audit verify --sealed FILE' verifies it across all files.

Records are deleted only after the audit was verified, and the file was written to the disk, read back and compared. If the
command is interrupted, run it again with the same file. Keep each file in two places: the files are the only copies, and
they name patients.`,
		Example: "  wardlight-hub audit seal --before 2026-07-01 --out /srv/audit/2026-q2.ndjson",
		Args:    cobra.NoArgs,
		RunE: withSettingsAndStore(func(c *cobra.Command, _ []string, s *settings, ledger store.Store) (err error) {
			if x.Before, err = readInstant("--before", before); err != nil {
				return err
			}
			x.Source, x.Now = source, time.Now()
			if x.Signed, err = lastSigned(s); err != nil {
				return err
			}
			seal, err := x.Seal(c.Context(), ledger)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "Records %d to %d are sealed in %s, SHA-256 %x.\n"+
				"Keep the file, and a copy of it elsewhere: it is the only copy of these records.\n", seal.First,
				seal.Last, x.File, seal.Digest)
			return err
		}),
	}

	f := c.Flags()
	f.StringVar(&before, "before", "",
		"only records before this, a day ago at the latest: 2026-07-01, or 2026-07-01T00:00:00Z (a day begins at "+
			"midnight UTC)")

	f.StringVar(&x.File, "out", "", "file to write, or the file of an interrupted sealing")
	f.StringVar(&source, "source", defaultSource, "the name of the recording system in the export")
	for _, name := range []string{"before", "out"} {
		_ = c.MarkFlagRequired(name) // the flag exists
	}

	return c
}

var errNoCheckpoint = errors.New("there is no checkpoint yet: a hub signs one within five minutes of a new record, " +
	"and when it stops")

// lastSigned returns the last signed checkpoint, or nil when no checkpoints are configured.
func lastSigned(s *settings) (*audit.Checkpoint, error) {
	files, err := openCheckpoints(s)
	if files.chain == nil || err != nil {
		return nil, err
	}
	last, ok, err := files.chain.Last()
	if err == nil && !ok {
		err = errNoCheckpoint
	}
	return &last, err
}
