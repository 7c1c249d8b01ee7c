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

	"wardlight/hub/store/row"
	"wardlight/hub/store/scan"
	"wardlight/hub/store/sqlledger"
)

// Connections of a file. SQLite allows one writer at a time: with a single writing connection, writers queue in
// database/sql and don't poll. Caches are per connection, so they are small.
const (
	readers        = 4
	writerCacheKiB = 16 << 10
	readerCacheKiB = 8 << 10
	busyTimeout    = 5 * time.Second
)

// file is a database file with one writing connection, several reading ones, and their prepared statements.
type file struct {
	write *sql.DB
	read  *sql.DB

	writes map[string]*sql.Stmt // filled by hot before the file is used
	scans  *scan.Limit          // of Scan

	mu    sync.Mutex
	reads map[string]*sql.Stmt
}

// newFile returns a file without connections.
func newFile() *file {
	return &file{
		writes: make(map[string]*sql.Stmt), reads: make(map[string]*sql.Stmt),
		scans: scan.NewLimit(1, scan.LongTimeout),
	}
}

// openFile opens the file, or creates it readable only by its owner, and applies pending migrations.
func openFile(ctx context.Context, name, folder string) (*file, error) {
	made, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}

	f := newFile()
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

// openToRead opens an existing file without writing to it. A hub may have it open. It returns an error for a file of a
// newer hub.
func openToRead(ctx context.Context, name, folder, more string) (*file, error) {
	if _, err := os.Stat(name); err != nil {
		return nil, err
	}
	f := newFile()
	var err error
	if f.read, err = sql.Open("sqlite", uri(name)+
		fmt.Sprintf("?mode=ro&_pragma=busy_timeout(%d)&_pragma=mmap_size(0)&_pragma=trusted_schema(0)%s",
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

// dsn returns the connection string. It sets every pragma that durability requires, because the driver's defaults may
// differ. mmap is off because truncating a mapped file in another process's checkpoint causes SIGBUS.
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

// reading returns the statement for the reading connections. It prepares each statement once.
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

// row reads one row into dest. Errors are those of [first].
func (f *file) row(ctx context.Context, query string, args []any, dest ...any) error {
	_, err := first(ctx, f, func(r *sql.Row) (struct{}, error) { return struct{}{}, r.Scan(dest...) }, query, args...)
	return err
}

// first reads one row on a reading connection. It returns ErrNotFound if there is none.
func first[T any](ctx context.Context, f *file, scan func(*sql.Row) (T, error), query string, args ...any) (T, error) {
	var none T
	stmt, err := f.reading(ctx, query)
	if err != nil {
		return none, err
	}
	if ctx, err = withoutCancel(ctx); err != nil {
		return none, err
	}
	t, err := scan(stmt.QueryRowContext(ctx, args...))
	return t, found(err)
}

// withoutCancel returns ctx without cancellation, or its error if it has ended. It is for queries that read a few rows
// by key: they are faster than the two goroutines that database/sql and the driver start to wait for a context.
func withoutCancel(ctx context.Context) (context.Context, error) {
	return context.WithoutCancel(ctx), ctx.Err()
}

// QueryContext runs a query on a reading connection. It prepares each statement once.
func (f *file) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := f.reading(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// inOneStep returns a query that finds all rows before it returns the first one, because the driver interrupts a
// statement at the end of its context only until then.
func inOneStep(query string) string {
	return "WITH found AS MATERIALIZED (" + query + ") SELECT * FROM found" //nolint:misspell // an SQL keyword
}

// queryer is a database, a file or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list returns all rows of a query.
func list[T any](ctx context.Context, q queryer, scan func(*sql.Rows) (T, error), query string,
	args ...any,
) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err reports errors
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

// writing runs do in a transaction on the writing connection. ctx limits only the wait for the connection:
// database/sql starts goroutines to wait for a context, and each costs as much as a statement.
func (f *file) writing(ctx context.Context, do func(*sql.Tx) error) error {
	conn, err := f.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // returns the connection to the pool
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after Commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// hot prepares statements that transactions run often. It must not be called during a transaction, which has the only
// writing connection.
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

// run executes a statement in a transaction and returns the number of changed rows.
func (f *file) run(ctx context.Context, tx *sql.Tx, query string, args ...any) (int64, error) {
	var (
		r   sql.Result
		err error
	)
	if s, ok := f.writes[query]; ok {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		r, err = tx.StmtContext(ctx, s).ExecContext(context.WithoutCancel(ctx), args...) // as in brief
	} else {
		r, err = tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Read calls scan with the rows of a query.
func (f *file) Read(ctx context.Context, query string, args []any, scan func(sqlledger.Rows) error) error {
	ctx, err := withoutCancel(ctx)
	if err != nil {
		return err
	}
	return f.rows(ctx, query, args, scan)
}

// Scan calls scan with the rows of a query that may read many rows.
func (f *file) Scan(ctx context.Context, query string, args []any, scan func(sqlledger.Rows) error) error {
	return f.scans.Do(ctx, func(ctx context.Context) error { return f.rows(ctx, inOneStep(query), args, scan) })
}

func (f *file) rows(ctx context.Context, query string, args []any, scan func(sqlledger.Rows) error) error {
	rows, err := f.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // scan checks rows.Err
	return scan(rows)
}

// Has reports whether the file has a table with that column.
func (f *file) Has(ctx context.Context, table, column string) (has bool, err error) {
	return has, f.row(ctx, `SELECT EXISTS (SELECT 1 FROM pragma_table_info(?) WHERE name = ?)`, []any{table, column},
		&has)
}

// Write runs statements in one transaction and returns the number of changed rows of each.
func (f *file) Write(ctx context.Context, statements ...sqlledger.Statement) ([]int64, error) {
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

// WriteOne runs one statement in a transaction of its own and returns the number of changed rows.
func (f *file) WriteOne(ctx context.Context, s sqlledger.Statement) (int64, error) {
	changed, err := f.Write(ctx, s)
	return changed[0], err
}

// always is the stored end of something without an end.
const always = row.Always

// Conversions to stored values, which are the same in all engines.
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
