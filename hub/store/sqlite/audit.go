package sqlite

import (
	"context"

	"wardlight/hub/store"
	"wardlight/hub/store/column"
)

const auditColumns = `seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash`

func scanAudit(row interface{ Scan(dest ...any) error }) (r store.AuditRecord, err error) {
	var at int64
	var patients string
	err = row.Scan(&r.Seq, &at, &r.RequestID, &r.Session, &r.Person, &r.URID, &r.OrgODS, &r.Action, &r.Outcome, &r.Reason,
		&patients, &r.Prev, &r.Hash)
	r.At, r.Patients = timeOf(at), column.Split(patients)
	return r, err
}

// AuditTrail gives every audit record from seq on, in order.
func (s *Store) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	rows, err := s.ledger.read.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit WHERE seq >= ? ORDER BY seq`, from)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err below tells
	for rows.Next() {
		r, err := scanAudit(rows)
		if err != nil {
			return err
		}
		if err := visit(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// AuditHead is the last audit record.
func (s *Store) AuditHead(ctx context.Context) (store.AuditRecord, error) {
	stmt, err := s.ledger.reading(ctx, `SELECT `+auditColumns+` FROM audit ORDER BY seq DESC LIMIT 1`)
	if err != nil {
		return store.AuditRecord{}, err
	}
	r, err := scanAudit(stmt.QueryRowContext(ctx))
	return r, found(err)
}
