package book

import (
	"context"

	"wardlight/hub/store"
	"wardlight/hub/store/column"
	"wardlight/hub/store/row"
)

// Opening returns an opening's answer on record.
func (l Ledger) Opening(ctx context.Context, person, requestID string) (store.Opening, error) {
	return first(ctx, l, func(r row.Row) (store.Opening, error) {
		o := store.Opening{Person: person, RequestID: requestID}
		var expires int64
		err := r.Scan(&o.Digest, &o.Answer, &expires)
		o.Expires = column.Time(expires)
		return o, err
	}, `SELECT digest, answer, expires FROM opening WHERE person = ?1 AND request_id = ?2`, person, requestID)
}

// AuditTrail returns every audit record from seq on, in order.
func (l Ledger) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	return row.AuditTrail(from, func(from int64, most int) ([]store.AuditRecord, error) {
		return list(ctx, l, row.Audit, `SELECT `+row.AuditColumns+` FROM audit WHERE seq >= ?1 ORDER BY seq LIMIT 0 + ?2`, from, most)
	}, visit)
}

// AuditHead returns the last audit record. ErrNotFound where there is none yet.
func (l Ledger) AuditHead(ctx context.Context) (store.AuditRecord, error) {
	return first(ctx, l, row.Audit, `SELECT `+row.AuditColumns+` FROM audit ORDER BY seq DESC LIMIT 1`)
}
