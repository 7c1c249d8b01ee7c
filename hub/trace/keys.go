package trace

import (
	"slices"

	"wardlight/hub/store"
)

// A key of a name is its sound, or the two letters that it begins or ends with after a mark. With the birth date, whoever is meant is
// found by the sound of either name and by how the family name begins; by how it ends and one end of a given name; and on days that are
// easily mistaken, by the sound of one name and one end of the other (docs/trace.md).
const (
	begins = "^"
	stops  = "$"
)

// allEnds are the ends of a name that is not known: it may be any.
const allEnds store.Ends = 1<<54 - 1

// endsOf is the set of the first and last letters of a folded name: a bit for each letter, and one for all that are not a to z.
func endsOf(name string) store.Ends {
	if name == "" {
		return 0
	}
	letters := []rune(name)
	return 1<<letterBit(letters[0]) | 1<<(27+letterBit(letters[len(letters)-1]))
}

func letterBit(r rune) int {
	if r >= 'a' && r <= 'z' {
		return int(r - 'a')
	}
	return 26
}

// names are the forms in which a word is looked for: whole, and each part that tells one name from another.
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

// beginnings are the keys of how the name begins.
func (w word) beginnings() []string {
	var all []string
	for _, name := range w.names() {
		letters := []rune(name)
		all = append(all, begins+string(letters[:min(2, len(letters))]))
	}
	return all
}

// endings are the keys of how the name ends.
func (w word) endings() []string {
	var all []string
	for _, name := range w.names() {
		letters := []rune(name)
		all = append(all, stops+string(letters[max(0, len(letters)-2):]))
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

// nearKeys are the keys of a patient's names, each once. A name that is missing may be any.
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
		if given == 0 {
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
