// Package transfer copies all data from one engine to another.
//
// The ledger is copied table by table, as the source describes the tables, so that tables that are added later are
// copied too. Patients are copied as records, because each engine has its own tables of search keys. An interrupted
// copy can be run again: it continues where that is safe, and compares all data at its end.
package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// Kind is the type of a column.
type Kind string

// Types of columns. Their values in a row are int64, string and []byte.
const (
	Integer Kind = "INTEGER"
	Text    Kind = "TEXT"
	Bytes   Kind = "BLOB"
)

// Column is a column of a table of the ledger.
type Column struct {
	Name string
	Kind Kind
}

// Table is a table of the ledger.
type Table struct {
	Name    string
	Columns []Column
}

// Tables whose rows are never changed, or deleted except for sealed audit records. All other tables are copied again
// when a copy is repeated.
const (
	auditTable  = "audit"
	accessTable = "access"
	sealedTable = "sealed"
	treeTable   = "tree"
)

// IsAppendOnly reports whether the rows of a table are never changed or deleted.
func IsAppendOnly(table string) bool {
	return table == auditTable || table == accessTable || table == sealedTable || table == treeTable
}

// Store is what a source and a target have in common.
type Store interface {
	audit.Trail
	// Rows calls visit for all rows of a table with the source's columns, in any order.
	Rows(ctx context.Context, t Table, visit func(row []any) error) error
	// Records calls visit for the patients with a higher number than after, in order of number, without their keys.
	Records(ctx context.Context, after nhs.Number, visit func(store.Patient) error) error
}

// Source is the store that is copied. It doesn't change while it is open.
type Source interface {
	Store
	// Tables returns the tables of the ledger, each after the tables to which it refers.
	Tables(ctx context.Context) ([]Table, error)
}

// Target is the store to which data is copied. No hub opens it before Finish.
type Target interface {
	Store
	// Begin marks the store as an incomplete copy. It returns ErrNotEmpty if the store has data that isn't from an
	// interrupted copy.
	Begin(ctx context.Context) error
	// Fits returns an error unless the target has these tables with these columns.
	Fits(ctx context.Context, tables []Table) error
	// Empty deletes all rows of these tables.
	Empty(ctx context.Context, tables []Table) error
	// LastAudit returns the sequence number of the last audit record, or 0.
	LastAudit(ctx context.Context) (int64, error)
	// Insert stores rows in one transaction. Existing rows remain unchanged.
	Insert(ctx context.Context, t Table, rows [][]any) error
	// LastRecord returns the highest number of a stored patient, or "".
	LastRecord(ctx context.Context) (nhs.Number, error)
	// PutPatients is that of store.People.
	PutPatients(ctx context.Context, patients []store.Patient) error
	// Finish marks the copy as complete, so that hubs can open the store.
	Finish(ctx context.Context) error
}

// ErrNotEmpty means that the target has other data.
var ErrNotEmpty = errors.New("it already has data of a hub")

// Count is the number of copied rows of a table. For patients, Table is "patient".
type Count struct {
	Table string
	Rows  int64
}

// Result describes what was copied and compared.
type Result struct {
	Counts []Count
	Audit  audit.Head
}

// Maximum number of rows and patients in a transaction.
const (
	rowsAtOnce     = 1000
	patientsAtOnce = 500
)

// patientTable is the name of the patients in a Result.
const patientTable = "patient"

// Run copies the source to the target. It verifies the audit's chain before and after, and compares every row. After
// an error the target remains marked as incomplete, and Run can be called again.
func Run(ctx context.Context, from Source, to Target, told func(string)) (Result, error) {
	head, err := audit.Verify(ctx, from)
	if err != nil {
		return Result{}, fmt.Errorf("the audit of the source: %w", err)
	}

	tables, err := from.Tables(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := to.Fits(ctx, tables); err != nil {
		return Result{}, err
	}
	if err := to.Begin(ctx); err != nil {
		return Result{}, err
	}
	if err := to.Empty(ctx, slices.DeleteFunc(slices.Clone(tables), func(t Table) bool {
		return IsAppendOnly(t.Name)
	})); err != nil {
		return Result{}, fmt.Errorf("the rows of an earlier copy: %w", err)
	}

	for _, t := range tables {
		told(t.Name)
		if err := copyTable(ctx, from, to, t); err != nil {
			return Result{}, fmt.Errorf("table %s: %w", t.Name, err)
		}
	}

	told(patientTable)
	if err := copyRecords(ctx, from, to); err != nil {
		return Result{}, fmt.Errorf("patients: %w", err)
	}

	told("comparing")
	r, err := compare(ctx, from, to, tables)
	if err != nil {
		return r, err
	}
	if r.Audit, err = audit.Verify(ctx, to); err != nil {
		return r, fmt.Errorf("the copied audit: %w", err)
	}
	if r.Audit.Records != head.Records || string(r.Audit.Hash) != string(head.Hash) {
		return r,
			fmt.Errorf("the copied audit ends with record %d, the source's with record %d, or their hashes differ",
				r.Audit.Records, head.Records)
	}

	return r, to.Finish(ctx)
}

// copyTable copies the rows of a table. Of the audit it copies only the records that the target doesn't have.
func copyTable(ctx context.Context, from Source, to Target, t Table) error {
	var have int64
	seq := -1
	if t.Name == auditTable {
		var err error
		if have, err = to.LastAudit(ctx); err != nil {
			return err
		}
		seq = slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == "seq" })
	}

	var stored [][]any
	insert := func() error {
		if len(stored) == 0 {
			return nil
		}
		err := to.Insert(ctx, t, stored)
		stored = nil
		return err
	}

	err := from.Rows(ctx, t, func(row []any) error {
		if seq >= 0 {
			if n, ok := row[seq].(int64); !ok || n <= have {
				return nil
			}
		}
		if stored = append(stored, row); len(stored) < rowsAtOnce {
			return nil
		}
		return insert()
	})
	if err != nil {
		return err
	}

	return insert()
}

// copyRecords copies the patients that the target doesn't have, and derives their keys.
func copyRecords(ctx context.Context, from Source, to Target) error {
	after, err := to.LastRecord(ctx)
	if err != nil {
		return err
	}

	var stored []store.Patient
	put := func() error {
		if len(stored) == 0 {
			return nil
		}
		err := to.PutPatients(ctx, stored)
		stored = stored[:0]
		return err
	}

	err = from.Records(ctx, after, func(p store.Patient) error {
		if !p.Invalidated {
			made, err := trace.Document(p.Body)
			if err != nil {
				return fmt.Errorf("a record cannot be parsed: %w", err)
			}
			p.Keys = made.Keys
		}
		if stored = append(stored, p); len(stored) < patientsAtOnce {
			return nil
		}
		return put()
	})
	if err != nil {
		return err
	}

	return put()
}

// compare returns the number of rows of each table. It returns an error with the first table that differs.
func compare(ctx context.Context, from Source, to Target, tables []Table) (Result, error) {
	var r Result
	for _, t := range tables {
		had, got, err := both(from, to, func(b Store) (sum, error) { return sumTable(ctx, b, t) })
		if err == nil && had != got {
			err = fmt.Errorf("%d of %d rows were copied, or one of them differs: run the copy again", got.rows,
				had.rows)
		}
		if err != nil {
			return r, fmt.Errorf("table %s: %w", t.Name, err)
		}
		r.Counts = append(r.Counts, Count{t.Name, got.rows})
	}

	had, got, err := both(from, to, func(b Store) (sum, error) { return sumRecords(ctx, b) })
	if err == nil && had != got {
		err = fmt.Errorf("%d of %d were copied, or one of them differs: they were imported again after the copy "+
			"started; empty the database and start again", got.rows, had.rows)
	}

	if err != nil {
		return r, fmt.Errorf("patients: %w", err)
	}

	r.Counts = append(r.Counts, Count{patientTable, got.rows})
	return r, nil
}

func both(from, to Store, of func(Store) (sum, error)) (had, got sum, err error) {
	if had, err = of(from); err != nil {
		return had, got, err
	}
	got, err = of(to)
	return had, got, err
}

// sum is the number of rows, and the exclusive or of their hashes, which doesn't depend on their order. No row occurs
// twice in a table.
type sum struct {
	rows int64
	hash [sha256.Size]byte
}

func (s *sum) add(row []any) error {
	h := sha256.New()
	number := func(n int64) {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // two's complement is intended
		h.Write(b[:])
	}

	for _, v := range row {
		switch v := v.(type) {
		case int64:
			number(v)
		case string:
			number(int64(len(v)))
			h.Write([]byte(v))
		case []byte:
			number(int64(len(v)))
			h.Write(v)
		default:
			return fmt.Errorf("a value of the type %T", v)
		}
	}

	for i, b := range h.Sum(nil) {
		s.hash[i] ^= b
	}

	s.rows++
	return nil
}

func sumTable(ctx context.Context, b Store, t Table) (s sum, err error) {
	return s, b.Rows(ctx, t, s.add)
}

func sumRecords(ctx context.Context, b Store) (s sum, err error) {
	flag := func(b bool) int64 {
		if b {
			return 1
		}
		return 0
	}
	return s, b.Records(ctx, "", func(p store.Patient) error {
		row := []any{p.Number.Digits(), flag(p.Confidential), flag(p.Invalidated), p.SupersededBy.Digits(), p.Body}
		for _, body := range p.Related {
			row = append(row, body)
		}
		return s.add(row)
	})
}
