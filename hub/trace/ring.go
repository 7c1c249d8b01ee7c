package trace

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"wardlight/internal/nhs"
)

// maxHops is how long a chain of superseded records may be. One that is longer counts as a ring.
const maxHops = 32

// maxRings is how many rings are reported at most.
const maxRings = 1000

// rings reports each ring of superseded records once: every search that comes upon it would.
type rings struct {
	log *slog.Logger

	mu       sync.Mutex
	reported map[nhs.Number]bool // by the least number of each
}

// report raises an alarm about a ring, unless it has. The log gets no number: the audit record of the request has it.
func (r *rings) report(ctx context.Context, numbers []nhs.Number) {
	least := slices.Min(numbers)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reported[least] || len(r.reported) == maxRings {
		return
	}
	r.reported[least] = true
	r.log.ErrorContext(ctx, "ALARM: patients' records supersede one another in a ring. Searches leave them out, and their alerts could not be checked. "+
		"Import these records again from their source.", "records", len(numbers))
}
