package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Summaries imports Summary Care Records: Bundle lines, as the NHS API returns them, and DocumentReference lines with a
// patient's permission to share.
type Summaries struct {
	store  summary.Store
	record Recorder
	stored []pendingSummary
}

// pendingSummary is a summary or a permission that isn't stored yet.
type pendingSummary struct {
	summary.Document
	line int64
}

// NewSummaries returns an Importer of summaries, which it stores with record. store reads those that are stored
// already.
func NewSummaries(store summary.Store, record Recorder) *Summaries {
	return &Summaries{store: store, record: record}
}

// Kinds returns Bundle and DocumentReference.
func (s *Summaries) Kinds() map[string]Kind {
	return map[string]Kind{"Bundle": {Take: s.bundle}, "DocumentReference": {Take: s.permission}}
}

func (s *Summaries) bundle(_ context.Context, line Line) error {
	d, err := summary.Parse(line.JSON)
	if err != nil {
		return err
	}
	d.Body = bytes.Clone(d.Body)
	s.stored = append(s.stored, pendingSummary{d, line.Number})
	return nil
}

// permission reads a DocumentReference whose subject has an NHS number, and whose securityLabel is of
// SCR-ACSPermission. With the status entered-in-error it removes the summary, and needs no label.
func (s *Summaries) permission(_ context.Context, line Line) error {
	var r struct {
		Status  string                 `json:"status"`
		Subject fhir.Reference         `json:"subject"`
		Label   []fhir.CodeableConcept `json:"securityLabel"`
	}
	if err := read(line.JSON, &r); err != nil {
		return err
	}
	if r.Subject.Identifier == nil || r.Subject.Identifier.System != fhir.SystemNHSNumber {
		return errors.New("subject is not an NHS number")
	}
	number, err := nhs.ParseNumber(r.Subject.Identifier.Value)
	if err != nil {
		return errors.New("subject is not a valid NHS number")
	}
	if r.Status == "entered-in-error" {
		s.stored = append(s.stored, pendingSummary{summary.Document{Number: number, Removed: true}, line.Number})
		return nil
	}
	sharing, err := summary.SharingOf(r.Label)
	if err != nil {
		return err
	}
	s.stored = append(s.stored, pendingSummary{summary.Document{Number: number, Sharing: sharing}, line.Number})
	return nil
}

// Flush stores the new, changed and removed summaries, each with its audit record. It refuses a summary that is older
// than the stored one.
func (s *Summaries) Flush(ctx context.Context, lines Lines) error {
	if len(s.stored) == 0 {
		return nil
	}
	var numbers []nhs.Number
	for _, p := range s.stored {
		numbers = append(numbers, p.Number)
	}
	slices.Sort(numbers)
	have := make(map[nhs.Number]summary.Document)
	on, err := s.store.Summaries(ctx, slices.Compact(numbers))
	if err != nil {
		return err
	}
	for _, d := range on {
		have[d.Number] = d
	}

	var entries []*store.Entry
	for _, p := range s.stored {
		was := have[p.Number]
		what := "permission " + string(p.Sharing)
		switch {
		case p.Removed && was.Body == nil, !p.Removed && p.Body == nil && p.Sharing == was.Sharing:
			continue
		case p.Removed:
			what = fmt.Sprintf("summary %s removed", was.ID)
			was = summary.Document{Number: p.Number, Sharing: was.Sharing}
		case p.Body == nil:
			was.Number, was.Sharing = p.Number, p.Sharing
		case p.Made.Before(was.Made):
			lines.Refuse(p.line, errors.New("it is older than the stored summary"))
			continue
		case bytes.Equal(p.Body, was.Body):
			continue
		default:
			what = fmt.Sprintf("summary %s, made %s", p.ID, p.Made.UTC().Format(time.RFC3339))
			sharing := was.Sharing
			was = p.Document
			if sharing != "" {
				was.Sharing = sharing
			}
		}
		have[p.Number] = was
		e := s.record.entry(audit.ImportSummary, what, p.Number)
		e.Change = &store.Change{Summary: &p.Document}
		entries = append(entries, e)
	}

	if err := s.record.commit(ctx, entries...); err != nil {
		return err
	}
	s.stored = s.stored[:0]
	return nil
}
