package postgres

import (
	"context"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// Opening returns an opening's answer on record.
func (s *Store) Opening(ctx context.Context, person, requestID string) (store.Opening, error) {
	o := store.Opening{Person: person, RequestID: requestID}
	var expires int64
	err := s.row(ctx, `SELECT digest, answer, expires FROM opening WHERE person = $1 AND request_id = $2`,
		[]any{readable(person), readable(requestID)}, &o.Digest, &o.Answer, &expires)
	o.Expires = timeOf(expires)
	return o, err
}

// AuditTrail returns every audit record from seq on, in order.
func (s *Store) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	return row.AuditTrail(from, func(from int64, most int) ([]store.AuditRecord, error) {
		return list(ctx, s, row.Audit, `SELECT `+row.AuditColumns+` FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2`, from, most)
	}, visit)
}

// AuditHead returns the last audit record.
func (s *Store) AuditHead(ctx context.Context) (store.AuditRecord, error) {
	return first(ctx, s, row.Audit, `SELECT `+row.AuditColumns+` FROM audit ORDER BY seq DESC LIMIT 1`)
}
