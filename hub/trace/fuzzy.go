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

// mostCandidates is how many people a wider search compares. A search that would have to compare more is told that there are
// too many, rather than answered from some of them. In the whole United Kingdom about 1,600 people share a birth date.
const mostCandidates = 20_000

// shortRange is how many days a range of birth dates may have for everybody born in it to be compared.
const shortRange = 7

// blocksOf are the ways in which the patient meant may differ from what was typed (docs/trace.md). What may stand for the
// given name is looked for with the family name only: a nickname on a wrong day is still found by the family name.
func (v variants) blocksOf(q Query) []store.Block {
	family, first := q.asked.family.sounds(), firstSound(q.asked.given)
	// Whoever was asked for with the names changed over has the given name's sound as family name.
	either := union(family, first)
	day := q.Born.From
	var blocks []store.Block
	switch days := q.Born.Days(); {
	case days == 1:
		blocks = append(blocks, store.Block{Days: []nhs.Date{day}})
		if near := slips(day, q.Today); len(near) > 0 { // a day of long ago has none
			blocks = append(blocks, store.Block{Days: near, Either: either})
		}
		year := store.Span{From: nhs.Date{Year: day.Year, Month: 1, Day: 1}, To: nhs.Date{Year: day.Year, Month: 12, Day: 31}}
		blocks = append(blocks, v.pairs(year, q.asked)...)
	case days > 0 && days <= shortRange:
		var all []nhs.Date
		for i := range days {
			all = append(all, day.AddDays(i))
		}
		blocks = append(blocks, store.Block{Days: all})
	default:
		blocks = append(blocks, v.pairs(q.Born, q.asked)...)
	}
	for _, m := range q.Marks {
		if m.Kind == store.Postcode {
			blocks = append(blocks, store.Block{Postcode: string(m.Value)})
		}
	}
	return blocks
}

// pairs asks for both names by their sounds, as they were typed and changed over; nothing when one of them was not.
func (v variants) pairs(born store.Span, asked spelling) []store.Block {
	family, given := asked.family.sounds(), v.givenSounds(asked.given)
	if len(family) == 0 || len(given) == 0 {
		return nil
	}
	return []store.Block{
		{Born: born, Family: family, Given: given},
		{Born: born, Family: firstSound(asked.given), Given: family},
	}
}

func firstSound(given []word) []string {
	if len(given) == 0 {
		return nil
	}
	return given[0].sounds()
}

// givenSounds are the codes of the given names, and of all that may stand for the first.
func (v variants) givenSounds(given []word) []string {
	var all []string
	for i, g := range given {
		all = append(all, g.sounds()...)
		if i == 0 {
			for _, name := range append([]string{g.whole}, g.parts...) {
				all = append(all, v.sounds(name)...)
			}
		}
	}
	return union(all, nil)
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// scored is a candidate with the score so far.
type scored struct {
	*store.Candidate
	score float64
}

// wider is the search that allows for mistakes. It looks at old names and addresses too.
func (s *Service) wider(ctx context.Context, q Query) ([]Row, error) {
	candidates, err := s.people.Candidates(ctx, s.variants.blocksOf(q), mostCandidates+1)
	if err != nil {
		return nil, fmt.Errorf("wider search: %w", err)
	}
	if len(candidates) > mostCandidates {
		return nil, ErrTooMany
	}
	r := newResemblance(q, s.variants)
	hideRestricted := q.locates()
	var likely []scored
	for i := range candidates {
		c := &candidates[i]
		if c.Confidential && hideRestricted {
			continue
		}
		if score := r.score(c, nil, false); score >= floor {
			likely = append(likely, scored{c, score})
		}
	}
	if likely, err = s.weighMarks(ctx, r, likely); err != nil {
		return nil, err
	}
	best := 0.0
	if len(likely) > 0 {
		best = likely[0].score
	}
	shown, _ := slices.BinarySearchFunc(likely, leastOf(q, best), func(c scored, least float64) int {
		if c.score >= least {
			return -1
		}
		return 1
	})
	return s.rows(ctx, q, likely[:shown])
}

// leastOf is the score that a row needs beside the best.
func leastOf(q Query, best float64) float64 {
	if q.ExactOnly {
		return 1
	}
	return max(floor, best-reach)
}

func bestOf(all []scored) {
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Number, b.Number))
	})
}

// rows are the records that stand for the candidates, each once.
func (s *Service) rows(ctx context.Context, q Query, shown []scored) ([]Row, error) {
	rows := make([]Row, 0, min(len(shown), q.Max))
	for _, c := range shown {
		p, err := s.standing(ctx, c.Number, q)
		if errors.Is(err, ErrNotFound) || slices.ContainsFunc(rows, func(r Row) bool { return r.Number == p.Number }) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("wider search: %w", err)
		}
		if len(rows) == q.Max {
			return nil, ErrTooMany
		}
		document, err := searchRow(p, q.Today)
		if err != nil {
			return nil, fmt.Errorf("wider search: %w", err)
		}
		rows = append(rows, Row{p.Number, c.score, document})
	}
	bestFirst(rows)
	return rows, nil
}

// marksAtOnce is of how many candidates the marks are read at a time.
const marksAtOnce = 16

// weighMarks lets postcode and practice count, leaves out whoever has not the e-mail address or phone number asked for, and puts the
// best first. The scores before are the highest that these marks could make, so it begins with the best of them and stops where nobody
// who follows could still be shown.
func (s *Service) weighMarks(ctx context.Context, r *resemblance, likely []scored) ([]scored, error) {
	bestOf(likely)
	if len(r.q.Marks) == 0 {
		return likely, nil
	}
	kept, best := make([]scored, 0, marksAtOnce), 0.0
	for some := range slices.Chunk(likely, marksAtOnce) {
		if some[0].score < leastOf(r.q, best) {
			break
		}
		numbers := make([]nhs.Number, len(some))
		for i, c := range some {
			numbers[i] = c.Number
		}
		marks, err := s.people.Marks(ctx, numbers)
		if err != nil {
			return nil, fmt.Errorf("wider search: %w", err)
		}
		for _, c := range some {
			if !contactable(r.q.Marks, marks[c.Number]) {
				continue
			}
			if c.score = r.score(c.Candidate, marks[c.Number], true); c.score >= floor {
				kept, best = append(kept, c), max(best, c.score)
			}
		}
	}
	bestOf(kept)
	return kept, nil
}

// contactable reports whether the patient has, or had, the e-mail address and phone number asked for.
func contactable(asked []store.MarkQuery, held []store.Mark) bool {
	for _, a := range asked {
		if a.Locates() {
			continue
		}
		if !slices.ContainsFunc(held, func(m store.Mark) bool { return m.Kind == a.Kind && m.Value == string(a.Value) }) {
			return false
		}
	}
	return true
}
