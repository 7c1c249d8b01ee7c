package row

import (
	"wardlight/hub/store"
)

// SelectAudit returns the SELECT for [Audit]. A WHERE may follow. source is the column with the source, or an empty SQL
// string literal if there is none.
func SelectAudit(source string) string {
	return `SELECT seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash, ` + source + ` FROM audit`
}

// Audit reads an audit record.
func Audit[R Row](r R) (a store.AuditRecord, err error) {
	var at int64
	var patients string
	err = r.Scan(&a.Seq, &at, &a.RequestID, &a.Session, &a.Person, &a.URID, &a.OrgODS, &a.Action, &a.Outcome, &a.Reason,
		&patients, &a.Prev, &a.Hash, &a.Source)
	a.At, a.Patients = Time(at), Split(patients)
	return a, err
}

// auditPage is how many records are read at once. A long read transaction would prevent checkpoints of SQLite's
// write-ahead log, and vacuuming in PostgreSQL.
const auditPage = 4096

// AuditTrail calls visit for every record from that number on, in order, and stops at the first error. read returns
// the first of these records, in order, at most most.
func AuditTrail(from int64, read func(from int64, limit int) ([]store.AuditRecord, error),
	visit func(store.AuditRecord) error,
) error {
	for {
		page, err := read(from, auditPage)
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
