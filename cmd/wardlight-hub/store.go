package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/postgres"
	"wardlight/hub/store/sqlite"
)

// withStore returns a function that runs a command with the configured store.
func withStore(do func(c *cobra.Command, args []string,
	ledger store.Store) error,
) func(*cobra.Command, []string) error {
	return withSettingsAndStore(func(c *cobra.Command, args []string, _ *settings, ledger store.Store) error {
		return do(c, args, ledger)
	})
}

// withSettingsAndStore is like withStore for a command that needs the settings, too.
func withSettingsAndStore(
	do func(c *cobra.Command, args []string, s *settings, ledger store.Store) error,
) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		s, err := load(c)
		if err != nil {
			return err
		}
		ledger, err := existingStore(c.Context(), s)
		if err != nil {
			return err
		}
		return errors.Join(do(c, args, s, ledger), ledger.Close())
	}
}

// existingStore opens an existing ledger for a command. It creates none: with a wrong folder the command would
// otherwise report an empty ledger.
func existingStore(ctx context.Context, s *settings) (store.Store, error) {
	if err := s.checkLedgerExists(); err != nil {
		return nil, err
	}
	return openStore(ctx, s)
}

// checkLedgerExists returns an error if the store is SQLite and the data folder has no ledger.
func (s *settings) checkLedgerExists() error {
	if s.engine == "sqlite" && !sqlite.Exists(s.data) {
		return s.Reject("hub.data_folder", "there is no ledger in "+s.data,
			"set data_folder in the table [hub], or --data")
	}
	return nil
}

// openStore opens the configured ledger, or creates it. It doesn't migrate a ledger of an older version, because hubs
// of that version may be using it.
func openStore(ctx context.Context, s *settings) (store.Store, error) {
	return openBy(ctx, s, sqlite.OpenCurrent, postgres.OpenCurrent)
}

// migrateStore opens the configured ledger and migrates it to this version.
func migrateStore(ctx context.Context, s *settings) (store.Store, error) {
	return openBy(ctx, s, sqlite.Open, postgres.Open)
}

func openBy(
	ctx context.Context, s *settings, folder func(context.Context, string) (*sqlite.Store, error),
	database func(context.Context, postgres.Config) (*postgres.Store, error),
) (ledger store.Store, err error) {
	if err := s.checkNotRoot(); err != nil {
		return nil, err
	}
	if s.engine == "sqlite" {
		ledger, err = folder(ctx, s.data)
	} else {
		ledger, err = openDatabase(ctx, s, database)
	}
	if err != nil {
		return nil, s.olderLedgerError(err) // a store.Store with a nil pointer would not be nil
	}
	return ledger, nil
}

// olderLedgerError adds advice to the error of a ledger of an older version.
func (s *settings) olderLedgerError(err error) error {
	if !errors.Is(err, store.ErrOlder) {
		return err
	}
	key := "hub.data_folder"
	if s.engine != "sqlite" {
		key = "store.engine"
	}
	return s.Reject(key, err.Error(), "stop the hubs of the older version, and run wardlight-hub migrate, or start "+
		"the hub of this version")
}

// postgres returns the configuration of the PostgreSQL database.
func (s *settings) postgres() (postgres.Config, error) {
	if s.dsnFile == "" {
		return postgres.Config{DSN: s.dsn}, nil
	}
	text, err := s.file("store.dsn_file", s.dsnFile)
	return postgres.Config{DSN: strings.TrimSpace(string(text))}, err
}

// auditStore is the part of the store for reading the audit.
type auditStore interface {
	audit.TailLog
	audit.AccessLog
	Close() error
}

// openAudit opens the audit for reading, with or without a running hub. It creates and changes nothing.
func openAudit(ctx context.Context, s *settings) (auditStore, error) {
	return openReader(ctx, s, sqlite.OpenReadOnly)
}

// openReader opens the configured ledger for reading. fromFile opens one of SQLite.
func openReader(
	ctx context.Context, s *settings, fromFile func(ctx context.Context, folder string) (*sqlite.Reader, error),
) (ledgerReader, error) {
	if s.engine == "sqlite" {
		return fromFile(ctx, s.data)
	}
	at, err := s.postgres()
	if err != nil {
		return nil, err
	}
	return postgres.OpenReadOnly(ctx, at)
}
