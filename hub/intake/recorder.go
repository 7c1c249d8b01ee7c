package intake

import (
	"context"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Recorder stores the changes of an import with their audit records.
type Recorder struct {
	Ledger audit.Committer
	Clock  func() time.Time
	By     string // who imports, in words
}

// entry returns an entry with an audit record of the action, its object and the patients.
func (r Recorder) entry(action, what string, patients ...nhs.Number) *store.Entry {
	return &store.Entry{Audit: store.AuditRecord{
		At: r.Clock(), Action: action, Outcome: audit.Granted, Reason: r.By + ": " + what, Patients: patients,
	}}
}

// commit stores entries in one transaction. The errors are the store's, or refusals of entries; then the others are
// stored.
func (r Recorder) commit(ctx context.Context, entries ...*store.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return audit.Store(ctx, r.Ledger, entries...)
}
