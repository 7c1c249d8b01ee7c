package main

import (
	"context"

	"wardlight/hub/audit"
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

// auditBook is the audit, to be read.
type auditBook interface {
	audit.Log
	Close() error
}

// openAudit opens the audit beside a hub that runs, or without one. It makes and changes nothing.
func openAudit(ctx context.Context, s *settings) (auditBook, error) {
	if s.engine != "sqlite" {
		return nil, s.Refuse("store.engine", "this program keeps its books in SQLite alone", "set it to sqlite")
	}
	return sqlite.OpenReadOnly(ctx, s.data)
}
