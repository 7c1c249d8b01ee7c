package trace

import (
	"encoding/json"
	"math"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// How far a match is from an exact one. Nobody sees the figures; they only order rows.
const (
	familyWeight = 0.3
	givenWeight  = 0.2
	oldName      = 0.9
	partialBirth = 0.95
)

// scoreOf returns 1 for a patient who matches to the letter, and less the more a wildcard stands for, when the name
// is an old one, or when the birth date on record is a partial one. What a search matches on besides these it matches
// exactly.
func scoreOf(q Query, body []byte) (float64, error) {
	born, err := birthDate(body)
	if err != nil {
		return 0, err
	}
	whole := 1.0
	if !born.IsZero() && !born.Complete() {
		whole = partialBirth
	}
	if !q.History && !q.wild() {
		return whole, nil // or the store would not have found it
	}
	var p fhir.Patient
	if err := json.Unmarshal(body, &p); err != nil {
		return 0, err
	}
	keys, err := keysOf(&p)
	if err != nil {
		return 0, err
	}
	best := 0.0
	for _, n := range keys.Names {
		if !q.Family.Match(n.Family) {
			continue
		}
		score := 1 - familyWeight*(1-share(q.Family, n.Family))
		if len(q.Given) > 0 {
			score -= givenWeight * (1 - givenShare(q.Given, n.Given))
		}
		if ended(n.Ends, q.Today) {
			score *= oldName
		}
		best = max(best, score)
	}
	return math.Round(whole*best*1e4) / 1e4, nil
}

// share returns how much of the text the pattern's own letters are.
func share(p store.Pattern, text string) float64 {
	if !p.Wild() {
		return 1
	}
	letters := 0
	for _, r := range string(p) {
		if r != '*' {
			letters++
		}
	}
	return float64(letters) / float64(max(utf8.RuneCountInString(text), 1))
}

func givenShare(asked []store.Pattern, given []string) float64 {
	sum := 0.0
	for _, p := range asked {
		if p.Wild() && len(given) > 0 {
			sum += share(p, given[0])
		} else {
			sum++
		}
	}
	return sum / float64(len(asked))
}

// ended reports whether something with that last day is over.
func ended(last, today nhs.Date) bool { return !last.IsZero() && last.Before(today) }
