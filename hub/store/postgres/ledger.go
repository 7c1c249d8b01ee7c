package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/hub/store/column"
)

// Opening is an opening's answer on record.
func (s *Store) Opening(ctx context.Context, session, requestID string) (store.Opening, error) {
	o := store.Opening{Session: session, RequestID: requestID}
	var expires int64
	err := s.row(ctx, `SELECT digest, answer, expires FROM opening WHERE session = $1 AND request_id = $2`,
		[]any{readable(session), readable(requestID)}, &o.Digest, &o.Answer, &expires)
	o.Expires = timeOf(expires)
	return o, err
}

const auditColumns = `seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash`

func scanAudit(row pgx.Row) (r store.AuditRecord, err error) {
	var at int64
	var patients string
	err = row.Scan(&r.Seq, &at, &r.RequestID, &r.Session, &r.Person, &r.URID, &r.OrgODS, &r.Action, &r.Outcome, &r.Reason,
		&patients, &r.Prev, &r.Hash)
	r.At, r.Patients = timeOf(at), column.Split(patients)
	return r, err
}

// page is how many records of the audit are read at a time.
const page = 1000

// AuditTrail gives every audit record from seq on, in order.
func (s *Store) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	for {
		records, err := list(ctx, s, scanAudit, `SELECT `+auditColumns+` FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2`, from, page)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := visit(r); err != nil {
				return err
			}
			from = r.Seq + 1
		}
		if len(records) < page {
			return nil
		}
	}
}

// AuditHead is the last audit record.
func (s *Store) AuditHead(ctx context.Context) (store.AuditRecord, error) {
	var r store.AuditRecord
	err := s.reading(ctx, func(ctx context.Context) error {
		var err error
		r, err = scanAudit(s.pool.QueryRow(ctx, `SELECT `+auditColumns+` FROM audit ORDER BY seq DESC LIMIT 1`))
		return err
	})
	return r, found(err)
}
