package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/hub/store/transfer"
	"wardlight/internal/nhs"
)

// Target is a database to which another engine's data is copied.
type Target struct{ *Store }

var _ transfer.Target = (*Target)(nil)

// OpenTarget opens a database in order to copy data to it, and creates its tables. It returns store.ErrOlder like
// [OpenCurrent].
func OpenTarget(ctx context.Context, c Config) (*Target, error) {
	s, err := connect(ctx, c, migrateEmpty)
	if err != nil {
		return nil, err
	}
	return &Target{s}, nil
}

// ErrCopying means that a copy into the database is in progress or was interrupted.
var ErrCopying = errors.New("a copy into it has not finished")

// copied returns ErrCopying for a database whose copy is incomplete.
func (s *Store) copied(ctx context.Context) error {
	var unfinished bool
	if err := s.row(ctx, `SELECT EXISTS (SELECT FROM copying)`, nil, &unfinished); err != nil {
		return err
	}
	if unfinished {
		return ErrCopying
	}
	return nil
}

// Empty reports whether the ledger has no audit records, authorities, persons and plans.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	var empty bool
	err := s.row(ctx,
		`SELECT NOT (EXISTS (SELECT FROM audit) OR EXISTS (SELECT FROM authority) OR EXISTS (SELECT FROM person)
		OR EXISTS (SELECT FROM plan))`, nil, &empty)
	return empty, err
}

// Begin marks the database as the target of an incomplete copy.
func (t *Target) Begin(ctx context.Context) error {
	if errors.Is(t.copied(ctx), ErrCopying) {
		return nil
	}
	empty, err := t.Store.Empty(ctx)
	if err != nil {
		return err
	}
	last, err := t.LastRecord(ctx)
	if err != nil {
		return err
	}
	if !empty || last != "" {
		return transfer.ErrNotEmpty
	}
	return t.exec(ctx, `INSERT INTO copying (one) VALUES (true) ON CONFLICT DO NOTHING`)
}

// quoted returns a name as a quoted SQL identifier.
func quoted(name string) string { return `"` + name + `"` }

// Fits returns an error unless each table exists with the same columns.
func (t *Target) Fits(ctx context.Context, tables []transfer.Table) error {
	for _, table := range tables {
		here, err := t.types(ctx, table)
		if err != nil {
			return err
		}
		for _, c := range table.Columns {
			if here[c.Name] == "" {
				return fmt.Errorf("table %s has no column %s in PostgreSQL", table.Name, c.Name)
			}
		}
		if len(here) != len(table.Columns) {
			return fmt.Errorf("table %s has %d columns in PostgreSQL, and %d where it is copied from", table.Name,
				len(here), len(table.Columns))
		}
	}
	return nil
}

// types returns the type of each column of a table.
func (t *Target) types(ctx context.Context, table transfer.Table) (map[string]string, error) {
	type column struct{ name, kind string }
	columns, err := list(ctx, t.Store, func(r pgx.Row) (c column, err error) { return c, r.Scan(&c.name, &c.kind) },
		`SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`, table.Name)
	all := make(map[string]string, len(columns))
	for _, c := range columns {
		all[c.name] = c.kind
	}
	return all, err
}

// Empty deletes all rows of these tables.
func (t *Target) Empty(ctx context.Context, tables []transfer.Table) error {
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = quoted(table.Name)
	}
	return t.exec(ctx, `TRUNCATE `+strings.Join(names, ", "))
}

// LastAudit returns the sequence number of the last audit record, or 0 if there is none.
func (t *Target) LastAudit(ctx context.Context) (int64, error) {
	var n int64
	err := t.row(ctx, `SELECT coalesce(max(seq), 0) FROM audit`, nil, &n)
	return n, err
}

// Insert stores rows in one transaction.
func (t *Target) Insert(ctx context.Context, table transfer.Table, added [][]any) error {
	here, err := t.types(ctx, table)
	if err != nil {
		return err
	}

	names, values := make([]string, len(table.Columns)), make([]string, len(table.Columns))
	from, as := make([]string, len(table.Columns)), make([]string, len(table.Columns))
	for i, c := range table.Columns {
		kind, ok := map[transfer.Kind]string{
			transfer.Integer: "bigint", transfer.Text: "text",
			transfer.Bytes: "bytea",
		}[c.Kind]
		if !ok {
			return fmt.Errorf("column %s is of the kind %q", c.Name, c.Kind)
		}
		names[i], as[i] = quoted(c.Name), fmt.Sprintf("c%d", i)
		from[i], values[i] = fmt.Sprintf("$%d::%s[]", i+1, kind), as[i]
		if here[c.Name] == "boolean" {
			values[i] += " <> 0"
		}
	}

	var columns rows
	for _, r := range added {
		for i, v := range r {
			if text, ok := v.(string); ok && !storable(text) {
				return fmt.Errorf("column %s: PostgreSQL cannot store this text: it has a null character or is not "+
					"UTF-8", table.Columns[i].Name)
			}
		}
		columns.add(r...)
	}

	return t.exec(ctx, fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM unnest(%s) AS put (%s) ON CONFLICT DO NOTHING`,
		quoted(table.Name), strings.Join(names, ", "), strings.Join(values, ", "), strings.Join(from, ", "),
		strings.Join(as, ", ")), columns...)
}

// Rows calls visit for each row of a table.
func (t *Target) Rows(ctx context.Context, table transfer.Table, visit func(row []any) error) error {
	here, err := t.types(ctx, table)
	if err != nil {
		return err
	}

	columns := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		columns[i] = quoted(c.Name)
		if here[c.Name] == "boolean" {
			columns[i] += "::integer"
		}
		if c.Kind == transfer.Integer {
			columns[i] += "::bigint"
		}
	}

	found, err := t.pool.Query(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+quoted(table.Name))
	if err != nil {
		return err
	}
	defer found.Close()

	for found.Next() {
		row, err := found.Values()
		if err != nil {
			return err
		}
		if err := visit(row); err != nil {
			return err
		}
	}

	return found.Err()
}

// LastRecord returns the highest NHS number of a stored patient, or "" if there is none.
func (t *Target) LastRecord(ctx context.Context) (nhs.Number, error) {
	var n int64
	if err := t.row(ctx, `SELECT coalesce(max(number), -1) FROM patient`, nil, &n); err != nil || n < 0 {
		return "", err
	}
	return digitsOf(n), nil
}

// recordsAtOnce is how many patients Records reads at once.
const recordsAtOnce = 500

// Records calls visit for the patients with a higher number than after, in order of number.
func (t *Target) Records(ctx context.Context, after nhs.Number, visit func(store.Patient) error) error {
	last := int64(-1)
	if after != "" {
		var err error
		if last, err = numberOf(after); err != nil {
			return err
		}
	}

	for {
		found, err := list(ctx, t.Store, scanPatient, `SELECT `+patientColumns+
			` FROM patient WHERE number > $1 ORDER BY number LIMIT $2`, last, recordsAtOnce)
		if err != nil {
			return err
		}
		if err := t.related(ctx, found); err != nil {
			return err
		}

		for _, p := range found {
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

// related reads the related persons of patients, who must be in the order of their numbers.
func (t *Target) related(ctx context.Context, patients []store.Patient) error {
	numbers := make([]nhs.Number, len(patients))
	for i, p := range patients {
		numbers[i] = p.Number
	}
	among, err := numbersOf(numbers)
	if err != nil {
		return err
	}
	type document struct {
		number int64
		body   []byte
	}
	all, err := list(ctx, t.Store, func(r pgx.Row) (d document, err error) { return d, r.Scan(&d.number, &d.body) },
		`SELECT number, body FROM related WHERE number = ANY($1) ORDER BY number, ordinal`, among)
	for _, d := range all {
		i, _ := slices.BinarySearch(numbers, digitsOf(d.number))
		patients[i].Related = append(patients[i].Related, d.body)
	}
	return err
}

// Finish marks the copy as complete, so that hubs can open the database.
func (t *Target) Finish(ctx context.Context) error { return t.exec(ctx, `DELETE FROM copying`) }
