package trace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// maxCandidates is the maximum number of people that a wider search compares. If there are more, the search returns
// [ErrTooMany], because an answer from only some of them would be incomplete. In the whole United Kingdom about 1,600
// people share a birth date.
const maxCandidates = 20_000

// wider returns the rows of a search that allows for mistakes. It includes former names and addresses.
func (s *Service) wider(ctx context.Context, q Query) ([]Row, error) {
	candidates, err := s.people.Candidates(ctx, s.variants.blocksOf(q), maxCandidates+1)
	if errors.Is(err, store.ErrTooLong) {
		return nil, ErrTooMany
	}
	if err != nil {
		return nil, fmt.Errorf("wider search: %w", err)
	}
	if len(candidates) > maxCandidates {
		return nil, ErrTooMany
	}

	r := newResemblance(q, s.variants)
	hideRestricted := q.locates()
	var found []scored
	for i := range candidates {
		c := &candidates[i]
		if c.Confidential && hideRestricted {
			continue
		}
		if f := r.compare(c); f.good() || f.fitting() != [pairs]bool{} {
			found = append(found, f)
		}
	}

	who := numbersByPair(found)
	if len(q.Marks) > 0 {
		if found, err = s.weighMarks(ctx, r, found); err != nil {
			return nil, err
		}
	}

	bestOf(found)
	var rare [pairs]bool
	if len(found) > 0 && found[0].score < goodScore {
		if rare, err = s.rareOf(ctx, who); err != nil {
			return nil, err
		}
	}

	return s.rows(ctx, q, choose(q, found, rare))
}

// rareOf reports which pairs are shared by so few people that they identify them. Records that superseded one another
// count as one person.
func (s *Service) rareOf(ctx context.Context, who [pairs][]nhs.Number) (rare [pairs]bool, err error) {
	for p, numbers := range who {
		if len(numbers) > maxCandidatesOf[p] && len(numbers) <= maxCandidatesOf[p]+spare {
			for i, n := range numbers {
				last, err := s.current(ctx, n)
				switch {
				case err == nil:
					numbers[i] = last.Number
				case !errors.Is(err, ErrNotFound): // the current record is missing: count this one by itself
					return rare, fmt.Errorf("wider search: %w", err)
				}
			}
			slices.Sort(numbers)
			numbers = slices.Compact(numbers)
		}
		rare[p] = len(numbers) <= maxCandidatesOf[p]
	}
	return rare, nil
}

// choose returns the rows to list, in the order of found, whose best must be first. Rows that are only likely are
// limited to few, and omitted if the best score is at least convincing.
func choose(q Query, found []scored, rare [pairs]bool) []scored {
	found = slices.DeleteFunc(found, func(c scored) bool { return !c.good() && !c.likely(rare) })
	if len(found) == 0 {
		return nil
	}
	best, likely := found[0].score, 0
	return slices.DeleteFunc(found, func(c scored) bool {
		if c.good() || q.ExactOnly {
			return c.score < minScoreOf(q, best)
		}
		likely++
		return likely > maxShared || best >= goodScore
	})
}

// minScoreOf returns the minimum score of a row, given the best one.
func minScoreOf(q Query, best float64) float64 {
	if q.ExactOnly {
		return 1
	}
	return best - maxScoreGap
}

func bestOf(all []scored) {
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.mean, a.mean), cmp.Compare(a.besides, b.besides),
			cmp.Compare(a.Number, b.Number))
	})
}

// rowsAtOnce is how many records are read at a time.
const rowsAtOnce = 16

// rows returns the current records of the candidates, without duplicates.
func (s *Service) rows(ctx context.Context, q Query, shown []scored) ([]Row, error) {
	rows := make([]Row, 0, min(len(shown), q.Max))
	for some := range slices.Chunk(shown, rowsAtOnce) {
		records, err := s.people.Patients(ctx, numbersOf(some))
		if err != nil {
			return nil, fmt.Errorf("wider search: %w", err)
		}

		for _, c := range some {
			p, err := s.currentOf(ctx, records, c.Number, q)
			if errors.Is(err, ErrNotFound) || slices.ContainsFunc(rows, func(r Row) bool {
				return r.Number == p.Number
			}) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("wider search: %w", err)
			}

			if len(rows) == q.Max {
				if !c.good() { // rows that are only likely are last, and may be cut off
					return rows, nil
				}
				return nil, ErrTooMany
			}

			document, err := searchRow(p, q.Today)
			if err != nil {
				return nil, fmt.Errorf("wider search: %w", err)
			}

			rows = append(rows, Row{Number: p.Number, Score: c.score, Document: document, Other: c.other()})
		}
	}

	return rows, nil
}

// currentOf returns the same as standing, but uses records that were read before.
func (s *Service) currentOf(ctx context.Context, records map[nhs.Number]store.Patient, number nhs.Number,
	q Query,
) (store.Patient, error) {
	p, ok := records[number]
	switch {
	case !ok:
		return p, ErrNotFound
	case p.SupersededBy != "":
		return s.currentRecord(ctx, number, q)
	}
	return q.shows(p)
}

func numbersOf(some []scored) []nhs.Number {
	numbers := make([]nhs.Number, len(some))
	for i, c := range some {
		numbers[i] = c.Number
	}
	return numbers
}

// firstMarks is how many candidates' marks are read first, which is enough for most searches. marksAtOnce is how many
// are read at a time after that.
const (
	firstMarks  = 4
	marksAtOnce = 16
)

// weighMarks adds postcode and practice to the scores, and removes candidates without the e-mail address or phone
// number in the query. It starts with the candidates whose upper limit is highest, and stops when no other can be
// listed.
func (s *Service) weighMarks(ctx context.Context, r *comparison, found []scored) ([]scored, error) {
	bestOf(found)
	var kinds []store.MarkKind
	for _, m := range r.q.Marks {
		kinds = append(kinds, m.Kind)
	}

	var saved []scored
	best := 0.0
	for n := firstMarks; len(found) > 0 &&
		(best < goodScore || found[0].score >= minScoreOf(r.q, best)); n = marksAtOnce {
		some := found[:min(n, len(found))]
		found = found[len(some):]
		marks, err := s.people.Marks(ctx, numbersOf(some), kinds)
		if err != nil {
			return nil, fmt.Errorf("wider search: %w", err)
		}

		for _, c := range some {
			if !contactable(r.q.Marks, marks[c.Number]) {
				continue
			}
			r.weigh(&c, marks[c.Number], false)
			if saved = append(saved, c); c.good() {
				best = max(best, c.score)
			}
		}
	}

	return saved, nil
}

// contactable reports whether the patient has or had the e-mail address and phone number in the query.
func contactable(asked []store.MarkQuery, stored []store.Mark) bool {
	for _, a := range asked {
		if a.Locates() {
			continue
		}
		if !slices.ContainsFunc(stored, func(m store.Mark) bool {
			return m.Kind == a.Kind && m.Value == string(a.Value)
		}) {
			return false
		}
	}
	return true
}
