package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"wardlight/hub/store"
)

// Rows returns a function that calls add with each row of a patient and the statement that inserts it. It is for
// filling an empty file of people ([EmptyPeople]) in another way than PutPatients.
func Rows(add func(insert string, values []any) error) (func(context.Context, *store.Patient) error, error) {
	documents, err := newDocuments()
	if err != nil {
		return nil, err
	}
	put := &putting{aside: add, documents: documents}
	return put.patient, nil
}

// EmptyPeople creates an empty file of people with its tables. It has no journal, so it is lost if anything fails. The
// cache is small, because the driver never releases cache memory, and appending to tables needs little of it.
func EmptyPeople(ctx context.Context, name string) (*sql.DB, error) {
	made, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", uri(name)+
		"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=locking_mode(EXCLUSIVE)"+
		"&_pragma=mmap_size(0)&_pragma=cache_size(-4096)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db, migrations, "migrations/people"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
