package trace

import (
	"slices"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// shortRange is the maximum length in days of a range of birth dates of which each day is searched.
const shortRange = 7

// maxShared is the maximum number of people with a pair of details in common for the pair to identify them. If more
// people have it, a row that matches the query only in this pair isn't listed.
const maxShared = 3

// fewNames is the same limit for both names with another birth date.
const fewNames = 1

// spare is how many additional records may be read because they may be superseded records of the same people.
const spare = 2

// blocksOf returns the blocks of candidates to read: the ways in which the patient may differ from what was typed
// (docs/trace.md).
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
			near = append(near, confusableDates(day, q.Today)...)
		}

		add(store.Block{Days: near, Keys: q.asked.family.sounds(), Ends: asked.givenEnds})
		add(store.Block{Days: near, Keys: first.sounds(), Ends: asked.familyEnds})
		if days > 1 {
			break
		}

		year := store.Span{From: nhs.Date{Year: day.Year, Month: 1, Day: 1}, To: nhs.Date{
			Year: day.Year, Month: 12,
			Day: 31,
		}}

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

// sought are the keys and sounds by which the typed names are searched.
type sought struct {
	keys                      []string   // for the day itself: the sounds and first letters of the names
	familySounds, givenSounds []string   // for the same year: the sounds of the names and of their variants
	familyEnds, givenEnds     store.Ends // ends that a name must share in addition to a key, with variants; 0 for any
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
		s.keys, s.givenSounds, s.givenEnds = append(s.keys, g.sounds()...), append(s.givenSounds, g.sounds()...),
			s.givenEnds|g.ends()
		if i == 1 { // Mary Ann may be on record as Maryann
			both := Sound(first.whole + g.whole)
			s.keys, s.givenSounds = append(s.keys, both), append(s.givenSounds, both)
		}
	}

	if placeholder(first) {
		s.givenEnds = 0 // a placeholder matches any name
	}

	s.keys, s.familySounds, s.givenSounds = distinct(s.keys), distinct(s.familySounds), distinct(s.givenSounds)
	return s
}

// fullNames returns blocks of people with exactly the typed names, in either order, on any birth date. They are
// limited to the number that shows that there are too many.
func fullNames(q Query) []store.Block {
	if len(q.asked.given) == 0 || q.asked.family.whole == "" || len(q.Given) == 0 {
		return nil
	}
	family, first := q.asked.family.whole, string(q.Given[0].Letters())
	return []store.Block{
		{FullName: store.FullName{Family: family, First: first}, Max: fewNames + spare + 1},
		{FullName: store.FullName{Family: first, First: family}, Max: fewNames + spare + 1},
	}
}

// pairs returns blocks of people born then whose two names sound like the typed ones, in either order. It returns nil
// if one of the names was not typed.
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

// distinct sorts a list in place and removes duplicates.
func distinct(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}
