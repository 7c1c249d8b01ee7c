package trace

import (
	"slices"

	"wardlight/hub/store"
)

// Prefixes of keys. A key of a name is its sound, or its first two letters after ^, or its last two letters after $.
// On the typed birth date, candidates are found by the sound of either name, by the beginning of the family name, and
// by the end of the family name together with one end of a given name. On similar birth dates they are found by the
// sound of one name together with one end of the other (docs/trace.md).
const (
	begins = "^"
	stops  = "$"
)

// allEnds are the ends of an unknown name, which matches any.
const allEnds store.Ends = 1<<63 - 1

// endsOf returns the ends of a folded name as a set: its first two letters, its last two letters, and its first with
// its last letter, each hashed to one of 63 bits. A single typing error leaves at least one of them unchanged. About
// one in five pairs of unrelated names share a bit.
func endsOf(name string) store.Ends {
	if name == "" {
		return 0
	}
	letters := []rune(name)
	return endBit(0, firstTwo(letters)) | endBit(1, lastTwo(letters)) | endBit(2,
		[]rune{letters[0], letters[len(letters)-1]})
}

func firstTwo(letters []rune) []rune { return letters[:min(2, len(letters))] }

func lastTwo(letters []rune) []rune { return letters[max(0, len(letters)-2):] }

// endBit returns the bit of letters at one of the three places, hashed with FNV-1a.
func endBit(place byte, letters []rune) store.Ends {
	const offset, prime = 2166136261, 16777619
	hash := (uint32(offset) ^ uint32(place)) * prime
	for _, r := range letters {
		hash = (hash ^ uint32(r)) * prime //nolint:gosec // runes aren't negative
	}
	return 1 << (hash % 63)
}

// names returns the forms by which a word is searched: the whole name and each of its significant parts.
func (w word) names() []string {
	if w.whole == "" {
		return nil
	}
	all := []string{w.whole}
	for _, p := range w.distinctive() {
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

// beginnings returns the keys of the name's first letters.
func (w word) beginnings() []string { return w.keys(begins, firstTwo) }

// endings returns the keys of the name's last letters.
func (w word) endings() []string { return w.keys(stops, lastTwo) }

// keys returns a key for each form of the name: mark, followed by the letters that part returns.
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

// nearKeys returns the keys of a patient's names without duplicates. A missing name matches any.
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
			if s.family.whole == "" { // a single name may be typed as either name
				add(g.beginnings(), allEnds)
			}
		}
	}

	return all
}
