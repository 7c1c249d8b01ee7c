package trace

import (
	"slices"

	"wardlight/hub/store"
)

// A key of a name is its sound, or the two letters that it begins or ends with after a mark. With the birth date,
// whoever is meant is found by the sound of either name and by how the family name begins; by how it ends and one end
// of a given name; and on days that are easily mistaken, by the sound of one name and one end of the other
// (docs/trace.md).
const (
	begins = "^"
	stops  = "$"
)

// allEnds are the ends of a name that is not known: it may be any.
const allEnds store.Ends = 1<<63 - 1

// endsOf returns how a folded name begins and ends: its first two letters, its last two, and its first with its last,
// each as one of 63 bits. A slip of the finger leaves one of them as it was. Two names that have nothing to do with
// each other share one in about five cases.
func endsOf(name string) store.Ends {
	if name == "" {
		return 0
	}
	letters := []rune(name)
	return endBit(0, firstTwo(letters)) | endBit(1, lastTwo(letters)) | endBit(2, []rune{letters[0], letters[len(letters)-1]})
}

func firstTwo(letters []rune) []rune { return letters[:min(2, len(letters))] }

func lastTwo(letters []rune) []rune { return letters[max(0, len(letters)-2):] }

// endBit returns the bit of a few letters at one of the three places (FNV-1a).
func endBit(place byte, letters []rune) store.Ends {
	const offset, prime = 2166136261, 16777619
	hash := (uint32(offset) ^ uint32(place)) * prime
	for _, r := range letters {
		hash = (hash ^ uint32(r)) * prime //nolint:gosec // no rune is negative
	}
	return 1 << (hash % 63)
}

// names returns the forms in which a word is looked for: whole, and each part that tells one name from another.
func (w word) names() []string {
	if w.whole == "" {
		return nil
	}
	all := []string{w.whole}
	for _, p := range w.telling() {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

func (w word) ends() store.Ends {
	var all store.Ends
	for _, name := range w.names() {
		all |= endsOf(name)
	}
	return all
}

// beginnings returns the keys of how the name begins.
func (w word) beginnings() []string { return w.keys(begins, firstTwo) }

// endings returns the keys of how the name ends.
func (w word) endings() []string { return w.keys(stops, lastTwo) }

// keys returns a key for each form of the name: the mark, and that part of its letters.
func (w word) keys(mark string, part func([]rune) []rune) []string {
	var all []string
	for _, name := range w.names() {
		all = append(all, mark+string(part([]rune(name))))
	}
	return all
}

func endsOfAll(words []word) store.Ends {
	var all store.Ends
	for _, w := range words {
		all |= w.ends()
	}
	return all
}

// nearKeys returns the keys of a patient's names, each once. A name that is missing may be any.
func nearKeys(names []spelling) []store.NearKey {
	var all []store.NearKey
	add := func(keys []string, ends store.Ends) {
		for _, k := range keys {
			i := slices.IndexFunc(all, func(n store.NearKey) bool { return n.Key == k })
			if i < 0 {
				i, all = len(all), append(all, store.NearKey{Key: k})
			}
			all[i].Ends |= ends
		}
	}
	for _, s := range names {
		family, given := s.family.ends(), endsOfAll(s.given)
		if family == 0 {
			family = allEnds
		}
		if given == 0 || placeholder(s.given[0]) {
			given = allEnds
		}
		add(s.family.sounds(), given)
		add(s.family.beginnings(), given)
		add(s.family.endings(), given)
		for _, g := range s.given {
			add(g.sounds(), family)
			if s.family.whole == "" { // the one name there is may be typed as either
				add(g.beginnings(), allEnds)
			}
		}
	}
	return all
}
