package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"wardlight/hub/store"
	"wardlight/hub/store/transfer"
	"wardlight/internal/nhs"
)

// Source reads complete databases in order to copy them. While it is open, nobody else can write to them.
type Source struct {
	*Store
	locks []*sql.Conn // writing connections, each with an open transaction that blocks other writers
}

var _ transfer.Source = (*Source)(nil)

// ErrInUse means that another process has the databases open.
var ErrInUse = errors.New("a hub or another command has the databases open")

// OpenSource opens the existing databases in folder in order to copy them. It returns ErrInUse if a hub has them open,
// because its later changes wouldn't be in the copy, and store.ErrOlder like [OpenCurrent].
func OpenSource(ctx context.Context, folder string) (*Source, error) {
	if !Whole(folder) {
		return nil, fmt.Errorf("there are no databases in %s", folder)
	}

	for _, name := range []string{ledgerName, peopleName} {
		if err := alone(ctx, filepath.Join(folder, name)); err != nil {
			return nil, err
		}
	}

	ledger, err := OpenCurrent(ctx, folder)
	if err != nil {
		return nil, err
	}

	s := &Source{Store: ledger}
	for _, f := range []*file{ledger.ledger, ledger.people} {
		conn, err := f.write.Conn(ctx)
		if err == nil {
			s.locks = append(s.locks, conn)
			_, err = conn.ExecContext(ctx, `BEGIN IMMEDIATE`)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the databases in %s: %w", folder, err), s.Close())
		}
	}

	return s, nil
}

// alone returns ErrInUse if another connection has the file open. In WAL mode each connection has a shared lock on the
// file, so an exclusive lock fails (https://sqlite.org/wal.html, "Use of WAL Without Shared-Memory").
func alone(ctx context.Context, name string) (err error) {
	db, err := sql.Open("sqlite", uri(name)+"?mode=rw&_pragma=busy_timeout(0)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `BEGIN EXCLUSIVE; ROLLBACK`)
	var refused *driver.Error
	if errors.As(err, &refused) && refused.Code()&0xff == sqlite3.SQLITE_BUSY {
		return fmt.Errorf("%s: %w", name, ErrInUse)
	}
	return err
}

// Close closes the databases and allows writes again.
func (s *Source) Close() error {
	for _, c := range s.locks {
		_, _ = c.ExecContext(context.Background(), `ROLLBACK`) // nothing was written
		_ = c.Close()
	}
	return s.Store.Close()
}

// ownTables are tables that aren't copied: those of SQLite and of this package.
var ownTables = []string{"migration", "readiness"}

// Tables returns the tables of the ledger, each after the tables to which it refers.
func (s *Source) Tables(ctx context.Context) ([]transfer.Table, error) {
	names, err := s.texts(ctx,
		`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`)
	if err != nil {
		return nil, err
	}

	var tables []transfer.Table
	var add func(name string) error
	add = func(name string) error {
		if slices.Contains(ownTables, name) || slices.ContainsFunc(tables, func(t transfer.Table) bool {
			return t.Name == name
		}) {
			return nil
		}
		before, err := s.texts(ctx, `SELECT DISTINCT "table" FROM pragma_foreign_key_list(?)`, name)
		if err != nil {
			return err
		}
		for _, b := range before {
			if err := add(b); err != nil {
				return err
			}
		}
		columns, err := list(ctx, s.ledger, func(r *sql.Rows) (c transfer.Column, err error) {
			return c, r.Scan(&c.Name, &c.Kind)
		}, `SELECT name, type FROM pragma_table_info(?) ORDER BY cid`, name)
		tables = append(tables, transfer.Table{Name: name, Columns: columns})
		return err
	}

	for _, name := range names {
		if err := add(name); err != nil {
			return nil, err
		}
	}

	return tables, nil
}

func (s *Source) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	return list(ctx, s.ledger, func(r *sql.Rows) (text string, err error) {
		return text, r.Scan(&text)
	}, query, args...)
}

// Rows calls visit for each row of a table.
func (s *Source) Rows(ctx context.Context, t transfer.Table, visit func(row []any) error) error {
	query := "SELECT "
	for i, c := range t.Columns {
		if i > 0 {
			query += ", "
		}
		query += quoted(c.Name)
	}

	rows, err := s.ledger.QueryContext(ctx, query+" FROM "+quoted(t.Name))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err reports errors

	for rows.Next() {
		row := make([]any, len(t.Columns))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}

		if err := rows.Scan(into...); err != nil {
			return err
		}

		for i, v := range row {
			if b, ok := v.([]byte); ok && b == nil { // the driver returns nil for an empty value that isn't NULL
				row[i] = []byte{}
			}
		}

		if err := visit(row); err != nil {
			return err
		}
	}

	return rows.Err()
}

// quoted returns a name as a quoted SQL identifier.
func quoted(name string) string { return `"` + name + `"` }

// recordsAtOnce is how many patients Records reads at once.
const recordsAtOnce = 500

// Records calls visit for the patients with a higher number than after, in order of number.
func (s *Source) Records(ctx context.Context, after nhs.Number, visit func(store.Patient) error) error {
	last := int64(-1)
	if after != "" {
		var err error
		if last, err = numberOf(after); err != nil {
			return err
		}
	}

	for {
		found, err := list(ctx, s.people, func(r *sql.Rows) (store.Patient, error) { return patientOf(r, s.documents) },
			`SELECT `+patientColumns+` FROM patient WHERE number > ? ORDER BY number LIMIT +?`, last, recordsAtOnce)
		if err != nil {
			return err
		}

		for _, p := range found {
			if p.Related, err = s.RelatedPersons(ctx, p.Number); err != nil {
				return err
			}
			if err := visit(p); err != nil {
				return err
			}
		}

		if len(found) < recordsAtOnce {
			return nil
		}
		if last, err = numberOf(found[len(found)-1].Number); err != nil {
			return err
		}
	}
}
