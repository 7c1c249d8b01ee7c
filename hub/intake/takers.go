package intake

import (
	"context"
	"fmt"
	"time"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// Importers returns the importers for an import into ledger: patients, plans, flags, staff and summaries. The window
// and clock's date in the United Kingdom determine the remarks about a plan's alert. by is the importer in the audit.
// Errors are those of books, and of a system without time zones.
func Importers(ctx context.Context, ledger store.Store, window cpis.Window, clock func() time.Time,
	by string,
) ([]Importer, error) {
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	today := func() nhs.Date { return nhs.DateOf(clock().In(uk)) }
	record := Recorder{Ledger: ledger, Clock: clock, By: by}
	plans, err := NewPlans(ctx, ledger, trace.New(ledger), record, window, today)
	if err != nil {
		return nil, err
	}
	return []Importer{
		NewPatients(ledger, record), plans, NewFlags(ledger, record), NewStaff(ledger, record), NewSummaries(ledger,
			record),
	}, nil
}
