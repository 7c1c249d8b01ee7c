package trace

import (
	"encoding/json"
	"math"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Weights and factors of the difference from an exact match. They affect only the order of rows; users don't see them.
const (
	familyWeight = 0.3
	givenWeight  = 0.2
	oldName      = 0.9
	partialBirth = 0.95
)

// scoreOf returns 1 for an exact match. It returns less the more characters a wildcard stands for, if the name is a
// former one, and if the birth date on record is partial. The store has matched all other details exactly.
func scoreOf(q Query, body []byte) (float64, error) {
	born, err := BirthDate(body)
	if err != nil {
		return 0, err
	}

	whole := 1.0
	if !born.IsZero() && !born.Complete() {
		whole = partialBirth
	}

	if !q.History && !q.wild() {
		return whole, nil // the store matched the names exactly
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

// share returns the fraction of text that the pattern's literal characters are.
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
