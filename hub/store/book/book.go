// Package book is the part of a ledger that every SQL engine keeps alike: one text for each statement, and the judge
// that decides which entries a commit stores.
//
// A statement has ?1, ?2 and so on where its arguments go, which is SQLite's way; an engine that writes them otherwise
// replaces the question mark. It holds no other question mark.
package book

import (
	"context"
	"fmt"
	"strings"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// Rows are the rows that a query returns, as a driver has them.
type Rows interface {
	row.Row
	Next() bool
	Err() error
}

// Statement is a statement with its arguments: text, int, int64, bytes and [*Table].
type Statement struct {
	Query string
	Args  []any
}

// statement returns a Statement.
func statement(query string, args ...any) Statement { return Statement{query, args} }

// Engine runs statements on a ledger.
type Engine interface {
	// Read passes the rows of a query to scan: again, from the first row, where the connection was lost.
	Read(ctx context.Context, query string, args []any, scan func(Rows) error) error
	// Has reports whether the ledger has a table with a column: one of an earlier build lacks some.
	Has(ctx context.Context, table, column string) (bool, error)
	// Write runs statements in order in one transaction, and returns how many rows each of them changed.
	// No commit is under way meanwhile.
	Write(ctx context.Context, statements ...Statement) ([]int64, error)
	// Beside runs a statement about what no entry rests on, beside commits that are under way, and returns how many rows
	// it changed.
	Beside(ctx context.Context, s Statement) (int64, error)
}

// Ledger is what of a store's ledger is the same in every engine.
type Ledger struct{ Engine Engine }

// list returns all rows of a query.
func list[T any](ctx context.Context, l Ledger, read func(row.Row) (T, error), query string, args ...any) (all []T, err error) {
	err = l.Engine.Read(ctx, query, args, func(rows Rows) error {
		all = nil
		for rows.Next() {
			t, err := read(rows)
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return rows.Err()
	})
	return all, err
}

// first returns the one row of a query. ErrNotFound.
func first[T any](ctx context.Context, l Ledger, read func(row.Row) (T, error), query string, args ...any) (T, error) {
	all, err := list(ctx, l, read, query, args...)
	if err == nil && len(all) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// write runs statements in one transaction.
func (l Ledger) write(ctx context.Context, statements ...Statement) error {
	_, err := l.Engine.Write(ctx, statements...)
	return err
}

// among returns "(?1, ?2)" with its arguments, for NHS numbers.
func among(numbers []nhs.Number) (string, []any, error) {
	args, marks := make([]any, len(numbers)), make([]string, len(numbers))
	for i, d := range numbers {
		n, err := row.Number(d)
		if err != nil {
			return "", nil, fmt.Errorf("number %d of %d: %w", i+1, len(numbers), err)
		}
		args[i], marks[i] = n, fmt.Sprintf("?%d", i+1)
	}
	return "(" + strings.Join(marks, ", ") + ")", args, nil
}
