package sqlledger

import (
	"context"
	"fmt"
	"strings"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// Opening returns the stored opening with that request ID of the person, or ErrNotFound.
func (l Ledger) Opening(ctx context.Context, person, requestID string) (store.Opening, error) {
	return first(ctx, l, func(r row.Row) (store.Opening, error) {
		o := store.Opening{Person: person, RequestID: requestID}
		var expires int64
		err := r.Scan(&o.Digest, &o.Answer, &expires)
		o.Expires = row.Time(expires)
		return o, err
	}, `SELECT digest, answer, expires FROM opening WHERE person = ?1 AND request_id = ?2`, person, requestID)
}

// selectAudit returns the SELECT for audit records. A ledger with pending migrations, which may be read, may have no
// sources.
func (l Ledger) selectAudit(ctx context.Context) (string, error) {
	has, err := l.Engine.Has(ctx, "audit", "source")
	if has {
		return row.SelectAudit("source"), err
	}
	return row.SelectAudit("''"), err
}

// AuditTrail calls visit for every audit record from that number on, in order.
func (l Ledger) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	query, err := l.selectAudit(ctx)
	if err != nil {
		return err
	}
	return row.AuditTrail(from, func(from int64, limit int) ([]store.AuditRecord, error) {
		return list(ctx, l, row.Audit, query+` WHERE seq >= ?1 ORDER BY seq LIMIT 0 + ?2`, from, limit)
	}, visit)
}

// AuditHead returns the last audit record, or ErrNotFound if there is none.
func (l Ledger) AuditHead(ctx context.Context) (store.AuditRecord, error) {
	query, err := l.selectAudit(ctx)
	if err != nil {
		return store.AuditRecord{}, err
	}
	return first(ctx, l, row.Audit, query+` ORDER BY seq DESC LIMIT 1`)
}

// AuditRecords returns the selected audit records, newest first, or store.ErrTooLong.
func (l Ledger) AuditRecords(ctx context.Context, q store.AuditQuery) ([]store.AuditRecord, error) {
	selects, err := l.selectAudit(ctx)
	if err != nil {
		return nil, err
	}
	s, err := AuditRecords(selects, q)
	if err != nil {
		return nil, err
	}
	return scanned(ctx, l, row.Audit, s.Query, s.Args...)
}

// AuditRecords returns the query for the selected audit records, newest first. It reads the records of the organisation
// in the period with the index audit_organisation, and checks person and patients in each.
func AuditRecords(selects string, q store.AuditQuery) (Statement, error) {
	args := []any{q.OrgODS, row.Instant(q.From), row.Instant(q.Until)}
	value := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("?%d", len(args))
	}

	// The first two conditions are those of the index.
	query := selects + ` WHERE org_ods <> '' AND person <> '' AND org_ods = ?1 AND at >= ?2 AND at < ?3`
	if q.Person != "" {
		query += ` AND person = ` + value(q.Person)
	}

	var about []string
	for _, n := range q.Patients {
		if _, err := row.Number(n); err != nil {
			return Statement{}, err
		}
		// SQLite prepares a statement with a bare LIKE ? again for each value.
		about = append(about, `' ' || patients || ' ' LIKE '% ' || `+value(n.Digits())+` || ' %'`)
	}
	if len(about) > 0 {
		query += ` AND (` + strings.Join(about, ` OR `) + `)`
	}

	return statement(query+` ORDER BY at DESC, seq DESC LIMIT 0 + `+value(q.Limit), args...), nil
}

// AuditRequest returns the audit records of the person's checks and openings with that request ID, in order.
func (l Ledger) AuditRequest(ctx context.Context, person, requestID string) ([]store.AuditRecord, error) {
	selects, err := l.selectAudit(ctx)
	if err != nil {
		return nil, err
	}
	s := AuditRequest(selects, person, requestID)
	return list(ctx, l, row.Audit, s.Query, s.Args...)
}

// AuditRequest returns the query for the records of a person's checks and openings with that request ID. Its actions
// are the condition of the index audit_request.
func AuditRequest(selects, person, requestID string) Statement {
	return statement(selects+` WHERE request_id = ?1 AND person = ?2 AND action IN ('see whether there is an alert',
		'open an alert', 'open an alert in scheduled care') ORDER BY seq LIMIT 100`, requestID, person)
}

// AuditSeals returns the seals of the audit in order. A ledger with pending migrations, which may be read, may have no
// seals.
func (l Ledger) AuditSeals(ctx context.Context) ([]store.AuditSeal, error) {
	if has, err := l.Engine.Has(ctx, "sealed", "last"); err != nil || !has {
		return nil, err
	}
	return list(ctx, l, func(r row.Row) (store.AuditSeal, error) {
		var s store.AuditSeal
		var at int64
		err := r.Scan(&s.First, &s.Last, &s.Hash, &s.File, &s.Digest, &at)
		s.At = row.Time(at)
		return s, err
	}, `SELECT first, last, hash, file, digest, at FROM sealed ORDER BY last`)
}

const insertSeal = `INSERT INTO sealed (first, last, hash, file, digest, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`

// DeleteSealed deletes the sealed audit records in several transactions.
func (l Ledger) DeleteSealed(ctx context.Context) error {
	return l.inBatches(ctx, statement(`DELETE FROM audit WHERE seq IN (SELECT seq FROM audit
		WHERE seq <= (SELECT coalesce(max(last), 0) FROM sealed) ORDER BY seq LIMIT 1000)`))
}
