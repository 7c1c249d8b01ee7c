package trace

import (
	"slices"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Weights of the details in a query. A score is the weighted mean of the likenesses, so a query with fewer details
// isn't at a disadvantage (docs/trace.md).
const (
	weightFamily   = 0.33
	weightGiven    = 0.22
	weightBirth    = 0.27
	weightPostcode = 0.12
	weightGender   = 0.04
	weightPractice = 0.03
	weightDeath    = 0.06
)

// Factors for a name's likeness, by how it matches.
const (
	bySound     = 0.90 // it sounds the same
	byVariant   = 0.95 // a diminutive, or the spelling in another language
	byPart      = 0.93 // one part of a name with several
	byTurn      = 0.97 // the same parts in another order
	byBeginning = 0.86 // one begins with the other
	byInitial   = 0.80
	byPlace     = 0.95 // not the first given name
	exchanged   = 0.96 // family name and given name exchanged
	formerly    = 0.97 // a name no longer in use
	unsaid      = 0.75 // a missing first name, or a placeholder
	onlyName    = 0.85 // the only name on record matches one of the two in the query
	moved       = 0.55 // the first half of the postcode
	noMark      = 0.30 // no postcode or practice on record
)

// minScore is the minimum score of a row: a person with the same family name and birth date has it, whatever the first
// name. reach is the maximum difference from the best score: if somebody matches well, the details of people who match
// badly aren't shown.
const (
	minScore    = 0.73
	maxScoreGap = 0.17
	goodScore   = 0.85 // if the best score is at least this, rows that are only likely aren't listed
)

// likeness returns the likeness of two folded names, from 0 to 1. Jaro-Winkler returns about 0.5 for almost any two
// names, so only what is above that counts.
func likeness(a, b string) float64 {
	if a == b {
		return 1
	}
	if a == "" || b == "" {
		return 0
	}
	s := max(0, JaroWinkler(a, b)-0.5) * 2
	if s < bySound && soundAlike(a, b) {
		s = (s + bySound) / 2 // a sound code of four characters is coarse, so use the letters as well
	}
	if short, long := a, b; s < byBeginning {
		if len(short) > len(long) {
			short, long = long, short
		}
		if len(short) >= 3 && strings.HasPrefix(long, short) {
			s = byBeginning
		}
	}
	return s
}

// familyLikeness compares family names: whole, by parts, and with the parts in any order.
func (v variants) familyLikeness(asked, stored word) float64 {
	best := likeness(asked.whole, stored.whole)
	if best == 1 {
		return 1
	}

	if v.related(asked.whole, stored.whole) {
		best = max(best, byVariant)
	}

	ours, theirs := asked.distinctive(), stored.distinctive()
	if len(ours) == 0 && len(theirs) == 0 {
		return best
	}

	if len(ours) > 1 && len(ours) == len(theirs) {
		a, b := slices.Sorted(slices.Values(ours)), slices.Sorted(slices.Values(theirs))
		best = max(best, byTurn*likeness(strings.Join(a, ""), strings.Join(b, "")))
	}

	for _, a := range orWhole(ours, asked) {
		for _, b := range orWhole(theirs, stored) {
			if len(a) > 2 && len(b) > 2 {
				best = max(best, byPart*likeness(a, b))
			}
		}
	}

	return best
}

func orWhole(parts []string, w word) []string {
	if len(parts) == 0 {
		return []string{w.whole}
	}
	return parts
}

// givenLikeness compares given names. The first one in the query weighs most, in whatever position it is on record. A
// second one is compared only if the record has one too.
func (v variants) givenLikeness(asked, stored []word) float64 {
	if len(stored) == 0 {
		return unsaid
	}

	first := v.among(asked[0], stored)
	if len(asked) > 1 { // Mary Ann may be on record as Maryann
		first = max(first, byTurn*likeness(asked[0].whole+asked[1].whole, stored[0].whole))
		if len(stored) > 1 {
			sum := 0.0
			for _, a := range asked[1:] {
				further := 0.4
				for _, h := range stored {
					further = max(further, v.oneGiven(a, h))
				}
				sum += further
			}
			first = 0.8*first + 0.2*sum/float64(len(asked)-1)
		}
	}

	if first < unsaid && (placeholder(asked[0]) || placeholder(stored[0])) {
		return unsaid
	}

	return first
}

// placeholders are words that stand for a missing first name, of a newborn child or of a person without one.
var placeholders = []string{
	"baby", "babyboy", "babygirl", "boy", "girl", "infant", "newborn", "neonate", "male", "female", "twin", "triplet",
	"unknown", "unnamed",
}

// Placeholder reports whether a folded word, such as "baby", stands for a missing first name.
func Placeholder(folded string) bool { return slices.Contains(placeholders, folded) }

func placeholder(w word) bool {
	return Placeholder(w.whole) || w.whole == "babyof" || len(w.parts) > 1 && Placeholder(w.parts[0])
}

func (v variants) among(asked word, stored []word) float64 {
	best := v.oneGiven(asked, stored[0])
	for _, h := range stored[1:] {
		if best < byPlace {
			best = max(best, byPlace*v.oneGiven(asked, h))
		}
	}
	if len(stored) > 1 && best < byTurn { // Mary Ann may be typed as Maryann
		best = max(best, byTurn*likeness(asked.whole, stored[0].whole+stored[1].whole))
	}
	return best
}

func (v variants) oneGiven(asked, stored word) float64 {
	s := likeness(asked.whole, stored.whole)
	switch {
	case s == 1:
		return 1
	case v.related(asked.whole, stored.whole):
		return max(s, byVariant)
	case min(len(asked.whole), len(stored.whole)) == 1 && asked.whole != "" && asked.whole[0] == stored.whole[0]:
		return byInitial
	}
	for _, a := range orWhole(asked.parts, asked) {
		for _, h := range orWhole(stored.parts, stored) {
			if len(a) > 2 && len(h) > 2 && (len(asked.parts) > 1 || len(stored.parts) > 1) {
				s = max(s, byPart*likeness(a, h))
			}
		}
	}
	return s
}

// markLikeness returns the likeness of a postcode or a practice with the best one on record, in use or not.
func markLikeness(asked store.MarkQuery, marks []store.Mark) float64 {
	best, any := 0.0, false
	for _, m := range marks {
		if m.Kind != asked.Kind {
			continue
		}
		any = true
		switch a := string(asked.Value); {
		case m.Value == a:
			return 1
		case asked.Kind != store.Postcode:
		case JaroWinkler(a, m.Value) >= 0.92:
			best = max(best, 0.8)
		case len(a) > 4 && len(m.Value) > 4 && a[:len(a)-3] == m.Value[:len(m.Value)-3]:
			best = max(best, moved)
		}
	}

	if !any {
		return noMark
	}

	return best
}

// former reports whether the mark in the query matches only one that is no longer in use.
func former(asked store.MarkQuery, marks []store.Mark, today nhs.Date) bool {
	return slices.ContainsFunc(marks, func(m store.Mark) bool {
		return m.Kind == asked.Kind && m.Value == string(asked.Value) && ended(m.Ends, today)
	})
}
