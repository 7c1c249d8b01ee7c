package sqlite

import (
	"context"
	"database/sql"

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

// auditPage is how many records are read at once: a reading transaction over a long trail would keep the write-ahead log from
// being taken in, and it would grow.
const auditPage = 4096

// AuditTrail gives every audit record from seq on, in order.
func (s *Store) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	for {
		page, err := list(ctx, s.ledger.read, func(r *sql.Rows) (store.AuditRecord, error) { return scanAudit(r) },
			`SELECT `+auditColumns+` FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?`, from, auditPage)
		if err != nil {
			return err
		}
		for _, r := range page {
			if err := visit(r); err != nil {
				return err
			}
			from = r.Seq + 1
		}
		if len(page) < auditPage {
			return nil
		}
	}
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
