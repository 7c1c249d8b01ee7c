package main

import (
	"context"
	"strings"

	"wardlight/hub/store"
	"wardlight/hub/store/postgres"
	"wardlight/hub/store/sqlite"
)

// openStore opens the books that the settings name, and makes what is missing.
func openStore(ctx context.Context, s *settings) (store.Store, error) {
	if s.engine != "postgres" {
		return sqlite.Open(ctx, s.data)
	}
	dsn := s.dsn
	if s.dsnFile != "" {
		text, err := s.file("store.dsn_file", s.dsnFile)
		if err != nil {
			return nil, err
		}
		dsn = strings.TrimSpace(string(text))
	}
	return postgres.Open(ctx, postgres.Config{DSN: dsn})
}
