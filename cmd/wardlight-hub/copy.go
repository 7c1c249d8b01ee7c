package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"wardlight/hub/store"
	"wardlight/hub/store/postgres"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/store/transfer"
)

func newCopy(log io.Writer) *cobra.Command {
	to := ""
	c := &cobra.Command{
		Use:   "copy --to postgres",
		Short: "Copy the databases from SQLite to PostgreSQL",
		Long: `Copy the databases of the data folder into the PostgreSQL database that the settings name, which must be empty. First stop
the hub, and set store.engine and store.dsn_file as the hub is to use them. The data folder is not changed.

The audit chain is verified before and after, and every row is compared. Until all of that is done, no hub opens the
database. If the copy is interrupted, run it again; it continues with the audit and the patients that are already there.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			if to != "postgres" {
				return fmt.Errorf("--to: %q is not a supported engine; use postgres", to)
			}
			return copyLedger(c.Context(), c.OutOrStdout(), log, s)
		},
	}

	c.Flags().StringVar(&to, "to", "", "the engine to copy to: postgres")
	_ = c.MarkFlagRequired("to") // the flag exists
	return c
}

// copyLedger copies the ledger of the data folder to the configured database.
func copyLedger(ctx context.Context, out, log io.Writer, s *settings) (err error) {
	if s.engine != "postgres" {
		return s.Reject("store.engine", "the target database is not set",
			`set store.engine to postgres, and store.dsn_file`)
	}
	if !sqlite.Whole(s.data) {
		return s.Reject("hub.data_folder", "there is no ledger in "+s.data,
			"set data_folder in the table [hub], or --data")
	}

	at, err := s.postgres()
	if err != nil {
		return err
	}

	from, err := sqlite.OpenSource(ctx, s.data)
	if errors.Is(err, store.ErrOlder) {
		return s.Reject("hub.data_folder", err.Error(), "stop the hub; set store.engine to sqlite, run "+
			"wardlight-hub migrate, and set it back")
	}
	if errors.Is(err, sqlite.ErrInUse) {
		return s.Reject("hub.data_folder", err.Error(),
			"stop the hub: changes after the copy would not be in the database")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := postgres.OpenTarget(ctx, at)
	if err != nil {
		return s.olderLedgerError(err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	r, err := transfer.Run(ctx, from, to, func(what string) { fmt.Fprintln(log, "copy:", what) })
	switch {
	case errors.Is(err, transfer.ErrNotEmpty):
		return s.Reject("store.engine", "the database is not empty: "+err.Error(),
			"create a new database, and name it in store.dsn_file")
	case err != nil:
		return fmt.Errorf("copy: %w", err)
	}

	for _, c := range r.Counts {
		fmt.Fprintf(out, "%s: %d\n", c.Table, c.Rows)
	}

	_, err = fmt.Fprintf(out, "%s was copied to the database, and every row was compared: %d audit records, the "+
		"last with the hash %s.\n",
		s.data, r.Audit.Records, base64.StdEncoding.EncodeToString(r.Audit.Hash))
	return err
}

// openDatabase opens the configured database. It rejects an empty database if the data folder has a ledger. An empty
// ledger has no plans, so a child with an alert would read "none recorded".
func openDatabase(
	ctx context.Context, s *settings, open func(context.Context, postgres.Config) (*postgres.Store, error),
) (*postgres.Store, error) {
	at, err := s.postgres()
	if err != nil {
		return nil, err
	}

	ledger, err := open(ctx, at)
	if errors.Is(err, postgres.ErrCopying) {
		return nil, s.Reject("store.engine", err.Error(), "run wardlight-hub copy --to postgres again")
	}
	if err != nil || !sqlite.Exists(s.data) {
		return ledger, err
	}

	empty, err := ledger.Empty(ctx)
	if err == nil && empty {
		err = s.Reject("store.engine", "the database is empty, and the data folder "+s.data+
			" holds the ledger of this hub",
			"run wardlight-hub copy --to postgres to copy it; or move the old database files out of the folder to "+
				"start without plans and authorities")
	}

	if err != nil {
		return nil, errors.Join(err, ledger.Close())
	}

	return ledger, nil
}
