// Package sqlledger is the part of a ledger that all SQL engines share: the statements, and the decision which entries
// a commit stores.
//
// A statement has SQLite's placeholders ?1, ?2 and so on. Another engine replaces the question marks. There are no
// other question marks in a statement.
package sqlledger

import (
	"context"
	"fmt"
	"strings"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// Rows are the rows of a query, as a driver returns them.
type Rows interface {
	row.Row
	Next() bool
	Err() error
}

// Statement is a statement with its arguments: string, int, int64, []byte and [*Table].
type Statement struct {
	Query string
	Args  []any
}

// statement returns a Statement.
func statement(query string, args ...any) Statement { return Statement{query, args} }

// Engine runs statements on a ledger.
type Engine interface {
	// Read calls scan with the rows of a query. After a lost connection it repeats the query and calls scan again.
	Read(ctx context.Context, query string, args []any, scan func(Rows) error) error
	// Scan is like Read, for a query that may read many rows. It runs one query at a time, so that look-ups and commits
	// have connections. It returns store.ErrTooLong if the query takes more than scan.LongTimeout.
	Scan(ctx context.Context, query string, args []any, scan func(Rows) error) error
	// Has reports whether the ledger has a table with a column. A ledger with pending migrations lacks some.
	Has(ctx context.Context, table, column string) (bool, error)
	// Write runs statements in order in one transaction, and returns the number of changed rows of each. No commit
	// runs at the same time.
	Write(ctx context.Context, statements ...Statement) ([]int64, error)
	// WriteOne runs a statement on data on which no entry's precondition depends, and returns the number of changed
	// rows. Commits may run at the same time.
	WriteOne(ctx context.Context, s Statement) (int64, error)
}

// Ledger implements the methods of a store's ledger that are the same for every engine.
type Ledger struct{ Engine Engine }

// list returns all rows of a query.
func list[T any](ctx context.Context, l Ledger, read func(row.Row) (T, error), query string, args ...any) ([]T, error) {
	return listBy(ctx, l.Engine.Read, read, query, args)
}

// scanned returns all rows like list, for a query that may read many rows; see [Engine.Scan].
func scanned[T any](ctx context.Context, l Ledger, read func(row.Row) (T, error), query string, args ...any) ([]T,
	error,
) {
	return listBy(ctx, l.Engine.Scan, read, query, args)
}

// listBy returns all rows of a query that run runs.
func listBy[T any](ctx context.Context, run func(context.Context, string, []any, func(Rows) error) error,
	read func(row.Row) (T, error), query string, args []any,
) (all []T, err error) {
	err = run(ctx, query, args, func(rows Rows) error {
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

// first returns the first row of a query, or ErrNotFound.
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
