package trace

import (
	"slices"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// shortRange is how many days a range of birth dates may have for each of them to be looked at.
const shortRange = 7

// few is how many people may have a pair of details in common for it to make them out: where more have it, a row that
// has only this in common with what was asked is not shown.
const few = 3

// fewNames is the same of both names on another birth date.
const fewNames = 1

// spare is how many records more may turn out to be superseded ones of the same people.
const spare = 2

// blocksOf returns the ways in which the patient meant may differ from what was typed (docs/trace.md).
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

// fullNames asks for those who have the names that were typed, or have them changed over, on whatever birth date: as
// many as show that they are too many.
func fullNames(q Query) []store.Block {
	if len(q.asked.given) == 0 || q.asked.family.whole == "" || len(q.Given) == 0 {
		return nil
	}
	family, first := q.asked.family.whole, string(q.Given[0].Letters())
	return []store.Block{
		{FullName: store.FullName{Family: family, First: first}, Most: fewNames + spare + 1},
		{FullName: store.FullName{Family: first, First: family}, Most: fewNames + spare + 1},
	}
}

// pairs asks for those born then by the sounds of both names, as they were typed and changed over; nothing when one
// of them was not.
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
