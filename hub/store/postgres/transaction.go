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
	"wardlight/hub/store/sqlledger"
)

// Limits of retries and timeouts.
const (
	tries       = 6
	firstWait   = 10 * time.Millisecond // doubles with each attempt
	readTimeout = 10 * time.Second
	// writeTimeout is for writes for which no client waits. A request's commit has its own deadline.
	writeTimeout = time.Minute
	// rollbackTimeout limits the rollback on a connection that failed.
	rollbackTimeout = time.Second
)

// SQLSTATE codes that the store handles (PostgreSQL manual, appendix A).
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	readOnly             = "25006"
	notInRepertoire      = "22021" // a character that PostgreSQL can't store
)

// withRetry runs do until it succeeds, returns an error for which retry returns false, or has failed as often as
// allowed.
func (s *Store) withRetry(ctx context.Context, timeout time.Duration, retry func(error) bool,
	do func(context.Context) error,
) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	wait := firstWait
	for try := 1; ; try++ {
		err := do(ctx)
		if condition(err) == readOnly {
			s.pool.Reset() // reconnect, because the server has become read-only and another one may have been promoted
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

// reading runs do, which must only read, and repeats it if the connection was lost.
func (s *Store) reading(ctx context.Context, do func(context.Context) error) error {
	return s.withRetry(ctx, readTimeout, func(err error) bool { return conflict(err) || lost(err) }, do)
}

// writing sends statements in one round trip as one transaction, and repeats them if the engine could not serialise
// it. It doesn't repeat them after a lost connection, because they may have been committed.
func (s *Store) writing(ctx context.Context, queue func(*pgx.Batch)) error {
	return s.withRetry(ctx, writeTimeout, conflict, func(ctx context.Context) error {
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
		return commitWarning(conn.Conn())
	})
}

// changed runs a statement and returns the number of changed rows.
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

// exec runs a statement, whether it changes rows or not.
func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.changed(ctx, query, args...)
	return err
}

// first reads one row. It returns ErrNotFound if there is none, and if an argument has a character that PostgreSQL
// can't store.
func first[T any](ctx context.Context, s *Store, scan func(pgx.Row) (T, error), query string,
	args ...any,
) (t T, err error) {
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

// row reads one row into dest. Errors are those of [first].
func (s *Store) row(ctx context.Context, query string, args []any, dest ...any) error {
	_, err := first(ctx, s, func(r pgx.Row) (struct{}, error) { return struct{}{}, r.Scan(dest...) }, query, args...)
	return err
}

// list returns all rows of a query, and none if an argument has a character that PostgreSQL can't store.
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

// readableTable is a table whose texts have no characters that PostgreSQL can't store.
type readableTable struct{ *sqlledger.Table }

// Value returns the rows as JSON.
func (t readableTable) Value() (driver.Value, error) { return t.JSON(readable) }

// dialect returns a statement in PostgreSQL's syntax, without characters that PostgreSQL can't store in the arguments.
func dialect(s sqlledger.Statement) (string, []any) {
	args := make([]any, len(s.Args))
	for i, a := range s.Args {
		switch v := a.(type) {
		case string:
			a = readable(v)
		case *sqlledger.Table:
			a = readableTable{v}
		}
		args[i] = a
	}
	return strings.ReplaceAll(s.Query, "?", "$"), args
}

// Read calls scan with the rows of a query.
func (s *Store) Read(ctx context.Context, query string, args []any, scan func(sqlledger.Rows) error) error {
	query, args = dialect(sqlledger.Statement{Query: query, Args: args})
	return s.reading(ctx, func(ctx context.Context) error {
		rows, err := s.pool.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		return scan(rows)
	})
}

// Scan calls scan with the rows of a query that may read many rows. It uses the connections of searches.
func (s *Store) Scan(ctx context.Context, query string, args []any, scan func(sqlledger.Rows) error) error {
	if s.searches == nil {
		return s.Read(ctx, query, args, scan)
	}
	return s.reports.Do(ctx, func(ctx context.Context) error {
		return s.searches.Read(ctx, query, args, scan)
	})
}

// Has reports whether the database has a table with that column.
func (s *Store) Has(ctx context.Context, table, column string) (has bool, err error) {
	return has,
		s.row(ctx,
			`SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped)`,
			[]any{table, column}, &has)
}

// Write runs statements in one transaction, and returns the number of changed rows of each. It locks the head, so that
// no commit reads data that the transaction changes while it runs.
func (s *Store) Write(ctx context.Context, statements ...sqlledger.Statement) ([]int64, error) {
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

// WriteOne runs one statement in a transaction of its own and returns the number of changed rows.
func (s *Store) WriteOne(ctx context.Context, st sqlledger.Statement) (int64, error) {
	query, args := dialect(st)
	return s.changed(ctx, query, args...)
}

// condition returns the SQLSTATE of a server's error, or "" for any other error.
func condition(err error) string {
	var told *pgconn.PgError
	if errors.As(err, &told) {
		return told.Code
	}
	return ""
}

// conflict reports whether a transaction was rolled back because of concurrent ones, and may be repeated.
func conflict(err error) bool {
	c := condition(err)
	return c == serializationFailure || c == deadlockDetected
}

// lost reports whether the connection was lost or refused, or the server is shutting down (classes 08 and 57P).
func lost(err error) bool {
	if c := condition(err); c != "" {
		return strings.HasPrefix(c, "08") || strings.HasPrefix(c, "57P")
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, pgconn.ErrConnClosed) || pgconn.SafeToRetry(err)
}
