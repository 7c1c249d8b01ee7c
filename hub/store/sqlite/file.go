package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"wardlight/hub/store/book"
	"wardlight/hub/store/row"
)

// The shape of one file's connections. SQLite has one writer at a time; giving it one connection makes writers queue in
// database/sql, not in busy loops. Caches are per connection, so they stay small.
const (
	readers        = 4
	writerCacheKiB = 16 << 10
	readerCacheKiB = 8 << 10
	busyTimeout    = 5 * time.Second
)

// file is one database file: a writing connection, several reading ones, and their prepared statements.
type file struct {
	write *sql.DB
	read  *sql.DB

	writes map[string]*sql.Stmt // filled before the file is used, by hot

	mu    sync.Mutex
	reads map[string]*sql.Stmt
}

// openFile opens or makes the file, readable for its owner alone, and brings it up to date.
func openFile(ctx context.Context, name, folder string) (*file, error) {
	made, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	f := &file{writes: make(map[string]*sql.Stmt), reads: make(map[string]*sql.Stmt)}
	if f.write, err = sql.Open("sqlite", dsn(name, writerCacheKiB, "_txlock=immediate")); err != nil {
		return nil, err
	}
	f.write.SetMaxOpenConns(1)
	if f.read, err = sql.Open("sqlite", dsn(name, readerCacheKiB, "_pragma=query_only(1)")); err != nil {
		return nil, errors.Join(err, f.close())
	}
	f.read.SetMaxOpenConns(readers)
	f.read.SetMaxIdleConns(readers)
	if err := migrate(ctx, f.write, migrations, path.Join("migrations", folder)); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Base(name), err), f.close())
	}
	return f, nil
}

// openToRead opens a file that is there and writes nothing to it, beside a hub that runs or without one. It refuses a
// file that a newer hub has written.
func openToRead(ctx context.Context, name, folder, more string) (*file, error) {
	if _, err := os.Stat(name); err != nil {
		return nil, err
	}
	f := &file{writes: make(map[string]*sql.Stmt), reads: make(map[string]*sql.Stmt)}
	var err error
	if f.read, err = sql.Open("sqlite", uri(name)+fmt.Sprintf("?mode=ro&_pragma=busy_timeout(%d)&_pragma=mmap_size(0)&_pragma=trusted_schema(0)%s",
		busyTimeout.Milliseconds(), more)); err != nil {
		return nil, err
	}
	if err := notNewer(ctx, f.read, migrations, path.Join("migrations", folder)); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Base(name), err), f.close())
	}
	return f, nil
}

func uri(name string) string {
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(name)}
	return u.String()
}

// dsn states every pragma that durability rests on, whatever the driver was compiled with. mmap is off because a page
// that another process checkpoints under a mapping ends in SIGBUS.
func dsn(name string, cacheKiB int, more string) string {
	return uri(name) + fmt.Sprintf("?_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"+
		"&_pragma=foreign_keys(1)&_pragma=mmap_size(0)&_pragma=trusted_schema(0)&_pragma=cache_size(-%d)&%s",
		busyTimeout.Milliseconds(), cacheKiB, more)
}

func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, s := range f.reads {
		errs = append(errs, s.Close())
	}
	for _, s := range f.writes {
		errs = append(errs, s.Close())
	}
	for _, db := range []*sql.DB{f.read, f.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// reading returns the statement prepared on the reading connections; it is prepared once.
func (f *file) reading(ctx context.Context, query string) (*sql.Stmt, error) {
	f.mu.Lock()
	s, ok := f.reads[query]
	f.mu.Unlock()
	if ok {
		return s, nil
	}
	s, err := f.read.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if first, ok := f.reads[query]; ok {
		return first, s.Close()
	}
	f.reads[query] = s
	return s, nil
}

// row reads one row into dest, as first.
func (f *file) row(ctx context.Context, query string, args []any, dest ...any) error {
	_, err := first(ctx, f, func(r *sql.Row) (struct{}, error) { return struct{}{}, r.Scan(dest...) }, query, args...)
	return err
}

// first reads one row on a reading connection. ErrNotFound.
func first[T any](ctx context.Context, f *file, scan func(*sql.Row) (T, error), query string, args ...any) (T, error) {
	var none T
	stmt, err := f.reading(ctx, query)
	if err != nil {
		return none, err
	}
	if ctx, err = brief(ctx); err != nil {
		return none, err
	}
	t, err := scan(stmt.QueryRowContext(ctx, args...))
	return t, found(err)
}

// brief returns ctx, unless it has ended, for what reads a few rows by their key: that takes less time than the two
// goroutines would that wait for the context to end.
func brief(ctx context.Context) (context.Context, error) {
	return context.WithoutCancel(ctx), ctx.Err()
}

// QueryContext reads rows on a reading connection; the statement is prepared once.
func (f *file) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := f.reading(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// inOneStep returns a query that finds all its rows before it returns the first: the driver ends a statement with its
// context only until then.
func inOneStep(query string) string {
	return "WITH found AS MATERIALIZED (" + query + ") SELECT * FROM found" //nolint:misspell // SQL
}

// queryer is a database, a file or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list reads all rows.
func list[T any](ctx context.Context, q queryer, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err below tells
	var all []T
	for rows.Next() {
		t, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// writing runs do in a transaction on the writing connection. Only until it has the connection does it wait for the
// context to end: each goroutine that would wait for it meanwhile costs as much as a statement.
func (f *file) writing(ctx context.Context, do func(*sql.Tx) error) error {
	conn, err := f.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to be used again
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// hot prepares statements that transactions run often. It must not be called while one is open: the writing
// connection is the only one, and the transaction has it.
func (f *file) hot(ctx context.Context, queries ...string) error {
	for _, q := range queries {
		s, err := f.write.PrepareContext(ctx, q)
		if err != nil {
			return err
		}
		f.writes[q] = s
	}
	return nil
}

// run executes a statement in a transaction and says how many rows it changed.
func (f *file) run(ctx context.Context, tx *sql.Tx, query string, args ...any) (int64, error) {
	var (
		r   sql.Result
		err error
	)
	if s, ok := f.writes[query]; ok {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		r, err = tx.StmtContext(ctx, s).ExecContext(context.WithoutCancel(ctx), args...) // as in row
	} else {
		r, err = tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Read passes the rows of a query to scan.
func (f *file) Read(ctx context.Context, query string, args []any, scan func(book.Rows) error) error {
	ctx, err := brief(ctx)
	if err != nil {
		return err
	}
	rows, err := f.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // scan asks for Err
	return scan(rows)
}

// Has reports whether the file has a table with a column.
func (f *file) Has(ctx context.Context, table, column string) (has bool, err error) {
	return has, f.row(ctx, `SELECT EXISTS (SELECT 1 FROM pragma_table_info(?) WHERE name = ?)`, []any{table, column}, &has)
}

// Write runs statements in one transaction.
func (f *file) Write(ctx context.Context, statements ...book.Statement) ([]int64, error) {
	changed := make([]int64, len(statements))
	err := f.writing(ctx, func(tx *sql.Tx) (err error) {
		for i, s := range statements {
			if changed[i], err = f.run(ctx, tx, s.Query, s.Args...); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// Beside runs one statement in a transaction.
func (f *file) Beside(ctx context.Context, s book.Statement) (int64, error) {
	changed, err := f.Write(ctx, s)
	return changed[0], err
}

// always is the end of what has no end.
const always = row.Always

// Values stand in SQLite's tables as in every store's.
var (
	numberOf = row.Number
	digitsOf = row.Digits
	day      = row.Day
	lastDay  = row.LastDay
	dateOf   = row.Date
	fitting  = row.Fitting
	instant  = row.Instant
	timeOf   = row.Time
)
