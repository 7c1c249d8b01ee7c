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

// Export says which records to export. What is zero leaves nothing out.
type Export struct {
	Since    int64     // records after this one
	From, To time.Time // when it happened: From included, To not
	Source   string    // the system that recorded

	until func(store.AuditRecord) bool // ends the export before the first record of which it is true; nil is none
}

// Write writes the records as FHIR R4 AuditEvents, one a line (NDJSON), and gives how many. It stops at a record that
// does not fit the one before it (*BrokenError), and at the trail's or the writer's own error. What is sealed is left
// out.
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
		return 0, fmt.Errorf("records up to %d are sealed: they are in the files that they were exported to", sealed.Records)
	}
	var written int64
	err := t.AuditTrail(ctx, head.next(), func(r store.AuditRecord) error {
		if x.until != nil && x.until(r) {
			return errEnough
		}
		if head.Hash == nil {
			head.Hash = r.Prev // what comes before is not looked at
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
