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

// The outcomes of a trace that are not a list of patients.
var (
	ErrTooMany     = errors.New("more matches than may be listed")
	ErrNotFound    = errors.New("no such patient")
	ErrInvalidated = errors.New("record was marked invalid")
)

// Service traces patients.
type Service struct {
	people   store.People
	variants variants
	rings    *rings
}

// New traces in people. What is wrong with the records is not reported.
func New(people store.People) *Service { return NewLogging(people, slog.New(slog.DiscardHandler)) }

// NewLogging traces in people, and reports to the log what is wrong with the records, without a word of them.
func NewLogging(people store.People, log *slog.Logger) *Service {
	return &Service{people, readVariants(diminutives), &rings{log: log, reported: make(map[nhs.Number]bool)}}
}

// Row is one match: the patient as far as a search shows it.
type Row struct {
	Number   nhs.Number
	Score    float64 // 0 to 1
	Document json.RawMessage
	Other    Other // what is not as it was asked for; "" where nothing is quite another, which a row of the search as asked always is
}

// Other is the one detail that is quite another than what was asked for. The values are codes of
// [fhir.ExtensionSearchOther].
type Other string

// The details.
const (
	OtherFamily Other = fhir.OtherFamily    // another family name; first name and birth date fit
	OtherGiven  Other = fhir.OtherGiven     // another first name; family name and birth date fit
	OtherBirth  Other = fhir.OtherBirthDate // another birth date; the names fit
)

// Search returns the matches, best first, and those of the same score by NHS number. ErrTooMany when there are more
// than q.Max, or when the search takes longer than a search may.
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

// match is a record that stands, and how well what led to it fits.
type match struct {
	store.Patient
	score float64
}

// find returns the records that stand for those that match, each once. As several may match for one of them, it asks
// for more until there are too many who stand, or no more who match.
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
			return nil, fmt.Errorf("search: a record does not read: %w", err)
		}
		if q.ExactOnly && score < 1 {
			continue
		}
		if p.SupersededBy != "" {
			if p, err = s.standing(ctx, p.SupersededBy, q); errors.Is(err, ErrNotFound) {
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

// standing returns current, as far as the search may give it: ErrNotFound for a record that was invalidated, and for a
// restricted one where the search would tell where the patient lives.
func (s *Service) standing(ctx context.Context, number nhs.Number, q Query) (store.Patient, error) {
	p, err := s.current(ctx, number)
	if err != nil {
		return p, err
	}
	return q.shows(p)
}

// shows returns a record that stands, as far as the search may give it.
func (q Query) shows(p store.Patient) (store.Patient, error) {
	if p.Invalidated || p.Confidential && q.locates() {
		return p, ErrNotFound
	}
	return p, nil
}

// Retrieved is one record in full, as far as it may be shown.
type Retrieved struct {
	Number   nhs.Number // not the one asked for, where that was superseded
	Version  string
	Document json.RawMessage
}

// Retrieve returns the record with that number, or the one that superseded it, as far as its confidentiality lets it be
// shown. ErrNotFound, ErrInvalidated.
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

// current follows superseded records to the one that stands.
func (s *Service) current(ctx context.Context, number nhs.Number) (store.Patient, error) {
	p, _, err := s.way(ctx, number)
	return p, err
}

// way follows superseded records to the one that stands, and gives the numbers on the way, from the one asked for on.
// Where that record is not on file it gives ErrNotFound, and the last record on the way; none when there is none.
//
// Records that supersede one another in a ring have none that stands: that is ErrNotFound, too, and the last record is
// restricted where any of them is.
func (s *Service) way(ctx context.Context, number nhs.Number) (last store.Patient, numbers []nhs.Number, err error) {
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
