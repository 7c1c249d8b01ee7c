package trace

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"wardlight/internal/nhs"
)

// maxHops is the maximum length of a chain of superseded records. A longer one counts as a cycle.
const maxHops = 32

// maxRings is the maximum number of cycles that are reported.
const maxRings = 1000

// cycles reports each cycle of superseded records once, although every search that reads one finds it again.
type cycles struct {
	log *slog.Logger

	mu       sync.Mutex
	reported map[nhs.Number]bool // by the lowest number of each
}

// report logs an alarm about a cycle, unless it has been reported. The log entry has no NHS number; the audit record
// of the request has it.
func (r *cycles) report(ctx context.Context, numbers []nhs.Number) {
	lower := slices.Min(numbers)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reported[lower] || len(r.reported) == maxRings {
		return
	}
	r.reported[lower] = true
	r.log.ErrorContext(ctx, "ALARM: patients' records supersede one another in a cycle. Searches leave them out, "+
		"and their alerts cannot be checked. "+
		"Import these records again from their source.", "records", len(numbers))
}
