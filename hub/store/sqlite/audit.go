package sqlite

import (
	"context"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// AuditTrail returns every audit record from seq on, in order.
func (s *Store) AuditTrail(ctx context.Context, from int64, visit func(store.AuditRecord) error) error {
	return row.AuditTrail(from, func(from int64, most int) ([]store.AuditRecord, error) {
		return list(ctx, s.ledger, row.Audit, `SELECT `+row.AuditColumns+` FROM audit WHERE seq >= ? ORDER BY seq LIMIT +?`, from, most)
	}, visit)
}

// AuditHead returns the last audit record.
func (s *Store) AuditHead(ctx context.Context) (store.AuditRecord, error) {
	return first(ctx, s.ledger, row.Audit, `SELECT `+row.AuditColumns+` FROM audit ORDER BY seq DESC LIMIT 1`)
}
