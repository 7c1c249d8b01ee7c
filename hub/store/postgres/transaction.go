package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"wardlight/hub/store"
	"wardlight/hub/store/book"
)

// How often and how long.
const (
	tries       = 6
	firstWait   = 10 * time.Millisecond // doubles from try to try
	readTimeout = 10 * time.Second
	// writeTimeout is long enough for what nobody waits for; a request's commit brings its own deadline.
	writeTimeout = time.Minute
	// rollbackTimeout bounds the word of goodbye on a connection that failed.
	rollbackTimeout = time.Second
)

// The conditions of PostgreSQL (appendix A) that the store knows.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	readOnly             = "25006"
	notInRepertoire      = "22021" // text that no row can hold
)

// again runs do until it succeeds, fails otherwise than again allows, or was tried often enough.
func (s *Store) again(ctx context.Context, timeout time.Duration, retry func(error) bool, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	wait := firstWait
	for try := 1; ; try++ {
		err := do(ctx)
		if condition(err) == readOnly {
			s.pool.Reset() // these connections lead to a server that takes no writer any more; the next ones look for the one that does
		}
		if err == nil || try == tries || !retry(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-s.after(wait):
		}
		wait *= 2
	}
}

// reading runs do, which only reads, and runs it again where the connection was lost.
func (s *Store) reading(ctx context.Context, do func(context.Context) error) error {
	return s.again(ctx, readTimeout, func(err error) bool { return conflict(err) || lost(err) }, do)
}

// writing sends statements in one round trip, which is one transaction, and sends them again where the engine could
// not order it among others. A connection lost on the way is not tried again: what was sent may be on record.
func (s *Store) writing(ctx context.Context, queue func(*pgx.Batch)) error {
	return s.again(ctx, writeTimeout, conflict, func(ctx context.Context) error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		forget(conn.Conn())
		var b pgx.Batch
		queue(&b)
		if err := conn.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		return unsure(conn.Conn())
	})
}

// changed runs a statement, and says how many rows it changed.
func (s *Store) changed(ctx context.Context, query string, args ...any) (int64, error) {
	var rows int64
	err := s.writing(ctx, func(b *pgx.Batch) {
		b.Queue(query, args...).Exec(func(t pgconn.CommandTag) error {
			rows = t.RowsAffected()
			return nil
		})
	})
	return rows, err
}

// exec runs a statement that may change none.
func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.changed(ctx, query, args...)
	return err
}

// first reads one row. ErrNotFound, also where it was asked for by what no row can hold.
func first[T any](ctx context.Context, s *Store, scan func(pgx.Row) (T, error), query string, args ...any) (t T, err error) {
	err = s.reading(ctx, func(ctx context.Context) error {
		var err error
		t, err = scan(s.pool.QueryRow(ctx, query, args...))
		return err
	})
	if condition(err) == notInRepertoire {
		return t, store.ErrNotFound
	}
	return t, found(err)
}

// row reads one row into dest, as first.
func (s *Store) row(ctx context.Context, query string, args []any, dest ...any) error {
	_, err := first(ctx, s, func(r pgx.Row) (struct{}, error) { return struct{}{}, r.Scan(dest...) }, query, args...)
	return err
}

// list reads all rows. There are none of what no row can hold.
func list[T any](ctx context.Context, s *Store, scan func(pgx.Row) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := s.reading(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		all = nil
		for rows.Next() {
			t, err := scan(rows)
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return rows.Err()
	})
	switch {
	case condition(err) == notInRepertoire:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return all, nil
}

// readableTable is a table with texts that PostgreSQL can hold.
type readableTable struct{ *book.Table }

// Value returns the rows.
func (t readableTable) Value() (driver.Value, error) { return t.JSON(readable) }

// dialect returns a statement as PostgreSQL reads it, with texts that it can hold.
func dialect(s book.Statement) (string, []any) {
	args := make([]any, len(s.Args))
	for i, a := range s.Args {
		switch v := a.(type) {
		case string:
			a = readable(v)
		case *book.Table:
			a = readableTable{v}
		}
		args[i] = a
	}
	return strings.ReplaceAll(s.Query, "?", "$"), args
}

// Read passes the rows of a query to scan.
func (s *Store) Read(ctx context.Context, query string, args []any, scan func(book.Rows) error) error {
	query, args = dialect(book.Statement{Query: query, Args: args})
	return s.reading(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		return scan(rows)
	})
}

// Has reports whether the database has a table with a column.
func (s *Store) Has(ctx context.Context, table, column string) (has bool, err error) {
	return has, s.row(ctx, `SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped)`,
		[]any{table, column}, &has)
}

// Write runs statements in one transaction, while no commit is under way: what an entry rests on is as it was before
// the transaction, or after it.
func (s *Store) Write(ctx context.Context, statements ...book.Statement) ([]int64, error) {
	changed := make([]int64, len(statements))
	err := s.writing(ctx, func(b *pgx.Batch) {
		b.Queue(lockHead)
		for i, st := range statements {
			query, args := dialect(st)
			b.Queue(query, args...).Exec(func(t pgconn.CommandTag) error {
				changed[i] = t.RowsAffected()
				return nil
			})
		}
	})
	return changed, err
}

// Beside runs a statement in a transaction of its own.
func (s *Store) Beside(ctx context.Context, st book.Statement) (int64, error) {
	query, args := dialect(st)
	return s.changed(ctx, query, args...)
}

// condition returns the SQLSTATE of a server's error; "" of any other.
func condition(err error) string {
	var told *pgconn.PgError
	if errors.As(err, &told) {
		return told.Code
	}
	return ""
}

// conflict reports whether a transaction left nothing because of others, and may be tried again.
func conflict(err error) bool {
	c := condition(err)
	return c == serializationFailure || c == deadlockDetected
}

// lost reports whether the connection was, or could not be made, or the server is going (classes 08 and 57P).
func lost(err error) bool {
	if c := condition(err); c != "" {
		return strings.HasPrefix(c, "08") || strings.HasPrefix(c, "57P")
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, pgconn.ErrConnClosed) || pgconn.SafeToRetry(err)
}
