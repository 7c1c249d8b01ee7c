package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"wardlight/hub/store"
)

// rowsAtOnce is how many rows one statement of a filling inserts: what a statement costs besides its rows is then
// little.
const rowsAtOnce = 64

// Fill makes the book of patients in folder from those given, each number once. It puts each table's rows in order
// before they go in, so that every table grows at its end, which takes a fraction of the time that PutPatients takes
// for millions. It needs a third more room than the book while it works. The book appears when it is complete and on
// the disk, and not at all when a patient or the source fails: what is left of a filling that was cut short has other
// names, and goes when the next one begins. The error is fs.ErrExist when there is a book already.
func Fill(ctx context.Context, folder string, patients iter.Seq2[store.Patient, error]) (err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	name := filepath.Join(folder, peopleName)
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s: %w", name, fs.ErrExist))
	}
	book, aside := name+"-new", name+"-aside"
	if err := errors.Join(os.RemoveAll(book), os.RemoveAll(aside)); err != nil {
		return err
	}
	if err := os.Mkdir(aside, 0o700); err != nil {
		return err
	}
	err = errors.Join(fill(ctx, aside, book, patients), os.RemoveAll(aside))
	if err == nil {
		err = syncFile(book)
	}
	if err == nil {
		err = os.Rename(book, name)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(book))
	}
	return syncFolder(folder)
}

func fill(ctx context.Context, aside, book string, patients iter.Seq2[store.Patient, error]) error {
	s := newSorting(aside, asideBytes)
	defer s.close()
	documents, err := newDocuments()
	if err != nil {
		return err
	}
	if err := putAside(ctx, s, documents, patients); err != nil {
		return err
	}
	db, err := emptyBook(ctx, book)
	if err != nil {
		return err
	}
	return errors.Join(putInOrder(ctx, db, s.tables), db.Close())
}

// putAside takes the rows of all patients apart.
func putAside(ctx context.Context, s *sorting, d documents, patients iter.Seq2[store.Patient, error]) error {
	count := 0
	put := putting{aside: s.add, documents: d}
	for p, err := range patients {
		if err != nil {
			return err
		}
		count++
		if err := put.patient(ctx, &p); err != nil {
			return fmt.Errorf("patient %d: %w", count, err)
		}
	}
	return s.done()
}

// emptyBook makes the file with its tables. It is thrown away when anything fails, so it has no journal. The cache is
// small: tables that grow at their ends need little, and what the driver has once held it keeps for the life of the
// process.
func emptyBook(ctx context.Context, name string) (*sql.DB, error) {
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

// putInOrder fills the tables, and makes the indexes afterwards.
func putInOrder(ctx context.Context, db *sql.DB, tables []*sortedTable) error {
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil) // see apply
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	indexes, err := list(ctx, tx, func(r *sql.Rows) (i struct{ name, made string }, err error) {
		return i, r.Scan(&i.name, &i.made)
	}, `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`)
	if err != nil {
		return err
	}
	for _, i := range indexes {
		if _, err := tx.ExecContext(ctx, "DROP INDEX "+i.name); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := errors.Join(t.putIn(ctx, tx), t.remove()); err != nil {
			return err
		}
	}
	for _, i := range indexes {
		if _, err := tx.ExecContext(ctx, i.made); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// putIn inserts a table's rows. They are merged beside the inserting, a few statements ahead.
func (t *sortedTable) putIn(ctx context.Context, tx *sql.Tx) error {
	one := t.insert[strings.Index(t.insert, "(?"):]
	many, err := tx.PrepareContext(ctx, t.insert+strings.Repeat(", "+one, rowsAtOnce-1))
	if err != nil {
		return err
	}
	defer many.Close() //nolint:errcheck // nothing is lost with it
	lots, stop := make(chan lotOfRows, 4), make(chan struct{})
	go t.lots(lots, stop)
	defer func() {
		close(stop)
		for range lots { //nolint:revive // until the one who merges has ended
		}
	}()
	for l := range lots {
		if l.err != nil {
			return l.err
		}
		if l.rows == rowsAtOnce {
			_, err = many.ExecContext(ctx, l.values...)
		} else {
			_, err = tx.ExecContext(ctx, t.insert+strings.Repeat(", "+one, l.rows-1), l.values...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lotOfRows is the values of several rows.
type lotOfRows struct {
	values []any
	rows   int
	err    error
}

// lots gives the rows in lots of rowsAtOnce, the last one smaller, until it is told to stop.
func (t *sortedTable) lots(to chan<- lotOfRows, stop <-chan struct{}) {
	defer close(to)
	var l lotOfRows
	give := func() bool {
		select {
		case to <- l:
			l = lotOfRows{values: make([]any, 0, len(l.values))}
			return true
		case <-stop:
			return false
		}
	}
	for row, err := range t.merged() {
		if err == nil {
			l.values, err = appendValues(l.values, row)
		}
		l.err = err
		if l.rows++; (err != nil || l.rows == rowsAtOnce) && !give() || err != nil {
			return
		}
	}
	if l.rows > 0 {
		give()
	}
}

// syncFile waits until the file is on its disk.
func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
