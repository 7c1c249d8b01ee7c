// Package sortedbook fills a hub's SQLite store of patients with millions of people for benchmarks. It takes a
// fraction of the time of storing them one by one.
package sortedbook

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
	"wardlight/hub/store/sqlite"
)

// rowsAtOnce is the number of rows that one INSERT statement inserts. It makes the overhead of a statement negligible.
const rowsAtOnce = 64

// Fill creates the store of patients in folder from patients, whose numbers must be unique. It sorts the rows of each
// table before it inserts them, so that every table grows at its end. While it runs, it needs a third more space than
// the store. The store is renamed to its final name when it is complete, and is not created if a patient or the source
// returns an error. Files of an interrupted call have other names, and are deleted by the next call. The error is
// fs.ErrExist if there is a store already.
func Fill(ctx context.Context, folder string, patients iter.Seq2[store.Patient, error]) (err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}

	name := filepath.Join(folder, "people.db")
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
		err = os.Rename(book, name)
	}

	if err != nil {
		return errors.Join(err, os.RemoveAll(book))
	}

	return nil
}

func fill(ctx context.Context, aside, book string, patients iter.Seq2[store.Patient, error]) error {
	s := newSorting(aside, asideBytes)
	defer s.close()
	if err := spill(ctx, s, patients); err != nil {
		return err
	}
	db, err := sqlite.EmptyPeople(ctx, book)
	if err != nil {
		return err
	}
	return errors.Join(putInOrder(ctx, db, s.tables), db.Close())
}

// spill converts all patients to rows and writes these to temporary files.
func spill(ctx context.Context, s *sorting, patients iter.Seq2[store.Patient, error]) error {
	put, err := sqlite.Rows(s.add)
	if err != nil {
		return err
	}
	count := 0
	for p, err := range patients {
		if err != nil {
			return err
		}
		count++
		if err := put(ctx, &p); err != nil {
			return fmt.Errorf("patient %d: %w", count, err)
		}
	}
	return s.done()
}

// putInOrder fills the tables, and then creates the indexes.
func putInOrder(ctx context.Context, db *sql.DB, tables []*sortedTable) error {
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // no effect after Commit
	indexes, err := indexesOf(ctx, tx)
	if err != nil {
		return err
	}

	for name := range indexes {
		if _, err := tx.ExecContext(ctx, "DROP INDEX "+name); err != nil {
			return err
		}
	}

	for _, t := range tables {
		if err := errors.Join(t.putIn(ctx, tx), t.remove()); err != nil {
			return err
		}
	}

	for _, made := range indexes {
		if _, err := tx.ExecContext(ctx, made); err != nil {
			return err
		}
	}

	return tx.Commit()
}

// indexesOf returns the CREATE statement of each index, by name.
func indexesOf(ctx context.Context, tx *sql.Tx) (map[string]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // errors are reported by Err below
	all := make(map[string]string)
	for rows.Next() {
		var name, made string
		if err := rows.Scan(&name, &made); err != nil {
			return nil, err
		}
		all[name] = made
	}
	return all, rows.Err()
}

// putIn inserts a table's rows. A goroutine merges them, a few statements ahead.
func (t *sortedTable) putIn(ctx context.Context, tx *sql.Tx) error {
	one := t.insert[strings.Index(t.insert, "(?"):]
	many, err := tx.PrepareContext(ctx, t.insert+strings.Repeat(", "+one, rowsAtOnce-1))
	if err != nil {
		return err
	}
	defer many.Close() //nolint:errcheck // only read from
	lots, stop := make(chan rowBatch, 4), make(chan struct{})
	go t.sendBatches(lots, stop)
	defer func() {
		close(stop)
		for range lots { //nolint:revive // wait for the end of the merging goroutine
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

// rowBatch is the values of several rows.
type rowBatch struct {
	values []any
	rows   int
	err    error
}

// sendBatches sends the rows in batches of rowsAtOnce, the last of which may be smaller, until stop is closed.
func (t *sortedTable) sendBatches(to chan<- rowBatch, stop <-chan struct{}) {
	defer close(to)
	var l rowBatch
	give := func() bool {
		select {
		case to <- l:
			l = rowBatch{values: make([]any, 0, len(l.values))}
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
