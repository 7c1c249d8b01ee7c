package intake

import (
	"context"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Recorder stores what an import changes, with a record of it in the audit.
type Recorder struct {
	Ledger audit.Committer
	Clock  func() time.Time
	By     string // who imports, in words
}

// entry returns an entry of which the record says what was done, to what, and to whom.
func (r Recorder) entry(action, what string, patients ...nhs.Number) *store.Entry {
	return &store.Entry{Audit: store.AuditRecord{
		At: r.Clock(), Action: action, Outcome: audit.Granted, Reason: r.By + ": " + what, Patients: patients,
	}}
}

// commit stores entries in one transaction. The errors are the store's; where one entry is refused, the others are
// stored.
func (r Recorder) commit(ctx context.Context, entries ...*store.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return audit.Store(ctx, r.Ledger, entries...)
}
