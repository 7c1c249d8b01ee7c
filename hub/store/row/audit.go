package row

import (
	"wardlight/hub/store"
)

// SelectAudit returns what gives Audit its rows; a WHERE may follow. source is the column, or an empty text where there is none.
func SelectAudit(source string) string {
	return `SELECT seq, at, request_id, session, person, urid, org_ods, action, outcome, reason, patients, prev, hash, ` + source + ` FROM audit`
}

// Audit reads a record of the audit.
func Audit[R Row](r R) (a store.AuditRecord, err error) {
	var at int64
	var patients string
	err = r.Scan(&a.Seq, &at, &a.RequestID, &a.Session, &a.Person, &a.URID, &a.OrgODS, &a.Action, &a.Outcome, &a.Reason,
		&patients, &a.Prev, &a.Hash, &a.Source)
	a.At, a.Patients = Time(at), Split(patients)
	return a, err
}

// auditPage is how many records are read at once. A transaction that reads a long trail would keep SQLite's
// write-ahead log from being taken in, and PostgreSQL's old rows from being cleared away.
const auditPage = 4096

// AuditTrail visits every record from seq on, in order, and stops at the first error. read gives the first of them,
// in order, most at most.
func AuditTrail(from int64, read func(from int64, most int) ([]store.AuditRecord, error), visit func(store.AuditRecord) error) error {
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
