package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"wardlight/hub/store"
)

// Export selects the records to export. Zero fields don't restrict the selection.
type Export struct {
	Since    int64     // only records with a higher number
	From, To time.Time // range of times: From inclusive, To exclusive
	Source   string    // the name of the system that recorded

	until func(store.AuditRecord) bool // ends the export before the first record for which it returns true; may be nil
}

// Write writes the records as FHIR R4 AuditEvents, one a line (NDJSON), and returns their number. It doesn't write
// sealed records. It returns a *[BrokenError] for a record that doesn't continue the chain, and errors of the trail
// and the writer.
func (x Export) Write(ctx context.Context, t Trail, w io.Writer) (int64, error) {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	head := Head{Records: x.Since}
	switch sealed, _, err := base(ctx, t); {
	case err != nil:
		return 0, err
	case x.Since == 0:
		head = sealed
	case x.Since < sealed.Records:
		return 0, fmt.Errorf("records up to %d are sealed: they are only in the files that they were exported to",
			sealed.Records)
	}

	var written int64
	err := t.AuditTrail(ctx, head.next(), func(r store.AuditRecord) error {
		if x.until != nil && x.until(r) {
			return errEnough
		}
		if head.Hash == nil {
			head.Hash = r.Prev // earlier records aren't verified
		}
		next, err := head.follow(r)
		if err != nil {
			return err
		}
		head = next
		if r.At.Before(x.From) || !x.To.IsZero() && !r.At.Before(x.To) {
			return nil
		}
		if err := lines.Encode(Event(r, x.Source)); err != nil {
			return err
		}
		written++
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}

	return written, err
}
