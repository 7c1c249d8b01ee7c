package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"wardlight/hub/store"
)

// Rows returns what passes each row of a patient to add, with the statement that inserts it: for filling a book that
// holds nobody yet (EmptyPeople) in another way than PutPatients does.
func Rows(add func(insert string, values []any) error) (func(context.Context, *store.Patient) error, error) {
	documents, err := newDocuments()
	if err != nil {
		return nil, err
	}
	put := &putting{aside: add, documents: documents}
	return put.patient, nil
}

// EmptyPeople makes a book of patients with its tables. It has no journal, so that it is lost when something fails. The
// cache is small: tables that grow at their ends need little, and what the driver has once held it keeps for the life
// of the process.
func EmptyPeople(ctx context.Context, name string) (*sql.DB, error) {
	made, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", uri(name)+
		"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=locking_mode(EXCLUSIVE)&_pragma=mmap_size(0)&_pragma=cache_size(-4096)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db, migrations, "migrations/people"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
