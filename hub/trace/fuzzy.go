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

// shortRange is how many days a range of birth dates may have for each of them to be looked at.
const shortRange = 7

// few is how many people may have a pair of details in common for it to make them out: where more have it, a row that has only this
// in common with what was asked is not shown.
const few = 3

// fewNames is the same of both names on another birth date.
const fewNames = 1

// blocksOf are the ways in which the patient meant may differ from what was typed (docs/trace.md).
func (v variants) blocksOf(q Query) []store.Block {
	var blocks []store.Block
	add := func(b store.Block) {
		if len(b.Days) > 0 && len(b.Keys) > 0 {
			blocks = append(blocks, b)
		}
	}
	asked := newSought(v, q.asked)
	switch days := q.Born.Days(); {
	case days > 0 && days <= shortRange:
		var born []nhs.Date
		for i := range days {
			born = append(born, q.Born.From.AddDays(i))
		}
		add(store.Block{Days: born, Keys: asked.keys})
		first := firstOf(q.asked.given)
		add(store.Block{Days: born, Keys: q.asked.family.endings(), Ends: asked.givenEnds})
		add(store.Block{Days: born, Keys: slices.Concat(first.beginnings(), first.endings()), Ends: asked.familyEnds})
		day, near := q.Born.From, partsOf(q.Born)
		if days == 1 {
			near = append(near, slips(day, q.Today)...)
		}
		add(store.Block{Days: near, Keys: q.asked.family.sounds(), Ends: asked.givenEnds})
		add(store.Block{Days: near, Keys: first.sounds(), Ends: asked.familyEnds})
		if days > 1 {
			break
		}
		year := store.Span{From: nhs.Date{Year: day.Year, Month: 1, Day: 1}, To: nhs.Date{Year: day.Year, Month: 12, Day: 31}}
		blocks = append(blocks, asked.pairs(store.Block{Born: year, Around: day}, q.asked)...)
	default:
		blocks = append(blocks, asked.pairs(store.Block{Born: q.Born}, q.asked)...)
	}
	blocks = append(blocks, fullNames(q)...)
	for _, m := range q.Marks {
		if m.Kind == store.Postcode {
			blocks = append(blocks, store.Block{Postcode: string(m.Value)})
		}
	}
	return blocks
}

// sought is by what the names that were typed are looked for.
type sought struct {
	keys                      []string   // on the day itself: how the names sound, and how they begin
	familySounds, givenSounds []string   // in the same year: and of what may stand for the names
	familyEnds, givenEnds     store.Ends // of the names that have to go with a key, and of what may stand for them; 0 for any
}

func newSought(v variants, asked spelling) sought {
	first := firstOf(asked.given)
	s := sought{keys: slices.Concat(asked.family.sounds(), asked.family.beginnings())}
	for _, name := range asked.family.names() {
		s.familySounds = append(s.familySounds, v.sounds(name)...)
		s.familyEnds |= v.ends(name)
	}
	for _, name := range first.names() {
		s.givenSounds = append(s.givenSounds, v.sounds(name)...)
		s.givenEnds |= v.ends(name)
	}
	for i, g := range asked.given {
		s.keys, s.givenSounds, s.givenEnds = append(s.keys, g.sounds()...), append(s.givenSounds, g.sounds()...), s.givenEnds|g.ends()
		if i == 1 { // Mary Ann is Maryann
			both := Sound(first.whole + g.whole)
			s.keys, s.givenSounds = append(s.keys, both), append(s.givenSounds, both)
		}
	}
	if placeholder(first) {
		s.givenEnds = 0 // whatever the name is
	}
	s.keys, s.familySounds, s.givenSounds = distinct(s.keys), distinct(s.familySounds), distinct(s.givenSounds)
	return s
}

// fullNames asks for those who have the names that were typed, or have them changed over, on whatever birth date: one more than few,
// which is too many.
func fullNames(q Query) []store.Block {
	if len(q.asked.given) == 0 || q.asked.family.whole == "" || len(q.Given) == 0 {
		return nil
	}
	family, first := q.asked.family.whole, string(q.Given[0].Letters())
	return []store.Block{
		{FullName: store.FullName{Family: family, First: first}, Most: fewNames + 1},
		{FullName: store.FullName{Family: first, First: family}, Most: fewNames + 1},
	}
}

// pairs asks for those born then by the sounds of both names, as they were typed and changed over; nothing when one of them was not.
func (s sought) pairs(born store.Block, asked spelling) []store.Block {
	family := asked.family.sounds()
	if len(family) == 0 || len(s.givenSounds) == 0 {
		return nil
	}
	turned := born
	born.Family, born.Given = s.familySounds, s.givenSounds
	turned.Family, turned.Given = firstOf(asked.given).sounds(), family
	return []store.Block{born, turned}
}

func firstOf(given []word) word {
	if len(given) == 0 {
		return word{}
	}
	return given[0]
}

// distinct sorts a list and takes out what is there twice.
func distinct(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
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
	placeable := slices.ContainsFunc(q.Marks, func(m store.MarkQuery) bool { return m.Kind == store.Postcode })
	var found []scored
	for i := range candidates {
		c := &candidates[i]
		if c.Confidential && hideRestricted {
			continue
		}
		f := r.compare(c)
		f.placed = placeable
		if f.fits() {
			found = append(found, f)
		}
	}
	rare := rareOf(found)
	if len(q.Marks) > 0 {
		if found, err = s.weighMarks(ctx, r, found); err != nil {
			return nil, err
		}
	}
	return s.rows(ctx, q, choose(q, found, rare))
}

// choose returns those who are shown, best first.
func choose(q Query, found []scored, rare [pairs]bool) []scored {
	found = slices.DeleteFunc(found, func(c scored) bool {
		return !c.good() && !(c.placed || slices.ContainsFunc(c.pairs(), func(p pair) bool { return rare[p] }))
	})
	bestOf(found)
	if len(found) == 0 {
		return nil
	}
	least := leastOf(q, found[0].score)
	n, weak := 0, 0
	for _, c := range found {
		if c.score < least {
			break
		}
		if !c.good() {
			if weak++; weak > few {
				continue
			}
		}
		found[n] = c
		n++
	}
	return found[:n]
}

// leastOf is the score that a row needs beside the best.
func leastOf(q Query, best float64) float64 {
	if q.ExactOnly {
		return 1
	}
	return best - reach
}

func bestOf(all []scored) {
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.mean, a.mean), cmp.Compare(a.besides, b.besides), cmp.Compare(a.Number, b.Number))
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
		rows = append(rows, Row{Number: p.Number, Score: c.score, Document: document, Other: c.other()})
	}
	return rows, nil
}

// marksAtOnce is of how many candidates the marks are read at a time.
const marksAtOnce = 16

// weighMarks lets postcode and practice count, and leaves out whoever has not the e-mail address or phone number asked for. It begins with
// those who could have the best score, and stops where nobody who follows could still be shown.
func (s *Service) weighMarks(ctx context.Context, r *resemblance, found []scored) ([]scored, error) {
	for i := range found {
		r.weigh(&found[i], nil, true)
	}
	bestOf(found)
	var kept []scored
	best := 0.0
	for some := range slices.Chunk(found, marksAtOnce) {
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
			r.weigh(&c, marks[c.Number], false)
			if kept = append(kept, c); c.good() {
				best = max(best, c.score)
			}
		}
	}
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
