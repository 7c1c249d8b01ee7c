package main

import (
	"context"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
)

// openStore opens the books that the settings name, and makes what is missing.
func openStore(ctx context.Context, s *settings) (store.Store, error) {
	if s.engine != "sqlite" {
		return nil, s.Refuse("store.engine", "this program keeps its books in SQLite alone", "set it to sqlite")
	}
	return sqlite.Open(ctx, s.data)
}
