package trace

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Errors of a trace.
var (
	ErrTooMany     = errors.New("more matches than may be listed")
	ErrNotFound    = errors.New("no such patient")
	ErrInvalidated = errors.New("record was marked invalid")
)

// Service finds patients in a store.
type Service struct {
	people   store.People
	variants variants
	rings    *cycles
}

// New returns a Service that reads from people and logs nothing.
func New(people store.People) *Service { return NewLogging(people, slog.New(slog.DiscardHandler)) }

// NewLogging returns a Service that reads from people, and logs errors in the records without their contents.
func NewLogging(people store.People, log *slog.Logger) *Service {
	return &Service{people, readVariants(diminutives), &cycles{log: log, reported: make(map[nhs.Number]bool)}}
}

// Row is a match, with the members of the patient's record that a search shows.
type Row struct {
	Number   nhs.Number
	Score    float64 // from 0 to 1
	Document json.RawMessage
	Other    Other // the detail that differs from the query; always "" without Query.Wider
}

// Other is the one detail of a row that differs from the query. The values are codes of [fhir.ExtensionSearchOther].
type Other string

// Details that may differ.
const (
	OtherFamily Other = fhir.OtherFamily    // another family name; first name and birth date match
	OtherGiven  Other = fhir.OtherGiven     // another first name; family name and birth date match
	OtherBirth  Other = fhir.OtherBirthDate // another birth date; the names match
)

// Search returns the matches by descending score, then by NHS number. It returns ErrTooMany if there are more than
// q.Max, or if the search exceeds its time limit.
func (s *Service) Search(ctx context.Context, q Query) ([]Row, error) {
	if q.Wider {
		return s.wider(ctx, q)
	}
	found, err := s.find(ctx, q)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(found))
	for _, m := range found {
		document, err := searchRow(m.Patient, q.Today)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		rows = append(rows, Row{Number: m.Number, Score: m.score, Document: document})
	}
	bestFirst(rows)
	return rows, nil
}

func bestFirst(rows []Row) {
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Number, b.Number))
	})
}

// match is a current record with the score of the record that matched.
type match struct {
	store.Patient
	score float64
}

// find returns the current records of the matches, without duplicates. Several matches may have the same current
// record, so it doubles the limit until there are too many current records or no more matches.
func (s *Service) find(ctx context.Context, q Query) ([]match, error) {
	for {
		records, err := s.people.FindPatients(ctx, q.PatientQuery)
		if errors.Is(err, store.ErrTooLong) {
			return nil, ErrTooMany
		}
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		found, err := s.matches(ctx, q, records)
		switch {
		case err != nil:
			return nil, err
		case len(found) > q.Max:
			return nil, ErrTooMany
		case len(records) < q.Limit:
			return found, nil
		}
		q.Limit *= 2
	}
}

func (s *Service) matches(ctx context.Context, q Query, records []store.Patient) ([]match, error) {
	found := make([]match, 0, len(records))
	for _, p := range records {
		score, err := scoreOf(q, p.Body)
		if err != nil {
			return nil, fmt.Errorf("search: a record cannot be parsed: %w", err)
		}
		if q.ExactOnly && score < 1 {
			continue
		}

		if p.SupersededBy != "" {
			if p, err = s.currentRecord(ctx, p.SupersededBy, q); errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("search: %w", err)
			}
		}

		if i := slices.IndexFunc(found, func(m match) bool { return m.Number == p.Number }); i >= 0 {
			found[i].score = max(found[i].score, score)
			continue
		}

		found = append(found, match{p, score})
	}

	return found, nil
}

// currentRecord returns the current record that a number leads to, or ErrNotFound if it is invalidated, or restricted
// in a search that would reveal where the patient lives.
func (s *Service) currentRecord(ctx context.Context, number nhs.Number, q Query) (store.Patient, error) {
	p, err := s.current(ctx, number)
	if err != nil {
		return p, err
	}
	return q.shows(p)
}

// shows returns p, or ErrNotFound if the search must not show it.
func (q Query) shows(p store.Patient) (store.Patient, error) {
	if q.hides(p) {
		return p, ErrNotFound
	}
	return p, nil
}

// hides reports whether the search must not show p: the record is invalidated, or restricted in a search that would
// reveal where the patient lives.
func (q Query) hides(p store.Patient) bool { return p.Invalidated || p.Confidential && q.locates() }

// Row returns the row of a current record that a national service found. shown is false if the search must not show it.
// The error is that the record is malformed.
func (q Query) Row(p store.Patient, score float64) (row Row, shown bool, err error) {
	if q.hides(p) {
		return Row{}, false, nil
	}
	document, err := searchRow(p, q.Today)
	return Row{Number: p.Number, Score: score, Document: document}, err == nil, err
}

// Retrieved is a full record, without the members that must not be shown.
type Retrieved struct {
	Number   nhs.Number // the current number, which may differ from the requested one
	Version  string
	Document json.RawMessage
}

// Retrieve returns the record with that number, or the one that superseded it, without what its confidentiality
// excludes. The error may be ErrNotFound or ErrInvalidated.
func (s *Service) Retrieve(ctx context.Context, number nhs.Number) (Retrieved, error) {
	p, err := s.current(ctx, number)
	if err != nil {
		return Retrieved{}, err
	}
	if p.Invalidated {
		return Retrieved{}, ErrInvalidated
	}
	return retrieved(p)
}

// current follows superseded records and returns the current one.
func (s *Service) current(ctx context.Context, number nhs.Number) (store.Patient, error) {
	p, _, err := s.followSuperseded(ctx, number)
	return p, err
}

// followSuperseded follows superseded records and returns the current one, and the numbers on the way, from the
// requested one on. If the current record is missing, it returns ErrNotFound and the last record that exists, if any.
//
// Records that supersede one another in a cycle have no current record. Then it also returns ErrNotFound, and the last
// record is marked as restricted if any of them is.
func (s *Service) followSuperseded(ctx context.Context,
	number nhs.Number,
) (last store.Patient, numbers []nhs.Number, err error) {
	restricted := false
	for range maxHops {
		numbers = append(numbers, number)
		p, err := s.people.Patient(ctx, number)
		if errors.Is(err, store.ErrNotFound) {
			return last, numbers, ErrNotFound
		}
		if err != nil {
			return p, nil, fmt.Errorf("retrieve: %w", err)
		}
		if p.SupersededBy == "" {
			return p, numbers, nil
		}

		last, number = p, p.SupersededBy
		if restricted = restricted || p.Confidential; slices.Contains(numbers, number) {
			break
		}
	}

	last.Confidential = restricted
	s.rings.report(ctx, numbers)
	return last, numbers, ErrNotFound
}
