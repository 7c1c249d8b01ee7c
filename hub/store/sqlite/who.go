package sqlite

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

const (
	fieldEnd = row.FieldEnd
	lineEnd  = row.LineEnd
)

// A candidate's line is a number followed by the text of row.Who. The number is lineBase + NHS number * 10^8 + birth
// date. It has lineDigits digits, with the NHS number from numberAt on and the birth date from bornAt on. Line breaks
// separate the lines.
const (
	lineBase   = "1000000000000000000"
	lineDigits = len(lineBase)
	numberAt   = 1
	bornAt     = lineDigits - len("20160304")
)

// soundsOf returns the sounds of all names without duplicates, and encoded as one text.
func soundsOf(r *store.Patient) ([]store.Sound, string, error) {
	var all []store.Sound
	var b strings.Builder
	for _, n := range r.Keys.Names {
		for _, s := range n.Sounds {
			if slices.Contains(all, s) {
				continue
			}
			if strings.ContainsAny(s.Family+s.Given, fieldEnd+lineEnd) {
				return nil, "", fmt.Errorf("a tab or a line break in a sound")
			}
			all = append(all, s)
			b.WriteString(s.Family + fieldEnd + s.Given + lineEnd)
		}
	}
	return all, b.String(), nil
}

// readSounds decodes a text of soundsOf.
func readSounds(text string) []store.Sound {
	var all []store.Sound
	for line := range strings.Lines(text) {
		family, given, _ := strings.Cut(strings.TrimSuffix(line, lineEnd), fieldEnd)
		all = append(all, store.Sound{Family: family, Given: given})
	}
	return all
}

// keysText encodes the keys of a patient as one text, separated by spaces, which a folded key doesn't contain.
func keysText(keys []store.NearKey) (string, error) {
	all := make([]string, len(keys))
	for i, k := range keys {
		if k.Key == "" || strings.ContainsAny(k.Key, " "+fieldEnd+lineEnd) {
			return "", fmt.Errorf("a key that is empty, or with a space or a line break in it")
		}
		all[i] = k.Key
	}
	return strings.Join(all, " "), nil
}

// candidateLine is a candidate's line with its NHS number.
type candidateLine struct {
	number int64
	line   string
}

// splitLines splits a text into lines and appends them to all. A patient may have several lines.
func splitLines(all []candidateLine, lines string) ([]candidateLine, error) {
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, lineEnd)
		if len(line) < lineDigits {
			return nil, errors.New("a candidate cannot be parsed")
		}
		n, err := strconv.ParseInt(line[numberAt:bornAt], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a candidate cannot be parsed: %w", err)
		}
		all = append(all, candidateLine{n, line})
	}
	return all, nil
}

// byNumber returns one index into all for each person, ordered by number. It sorts integers that combine number and
// index, which is several times faster than sorting the lines.
func byNumber(all []candidateLine) []uint64 {
	const placeBits = 30 // a number needs 34 bits
	order := make([]uint64, len(all))
	for i, s := range all {
		order[i] = uint64(s.number)<<placeBits | uint64(i) //nolint:gosec // neither is negative
	}
	slices.Sort(order)
	order = slices.CompactFunc(order, func(a, b uint64) bool { return a>>placeBits == b>>placeBits })
	for i := range order {
		order[i] &= 1<<placeBits - 1
	}
	return order
}

// candidatesOf decodes the lines of at most limit people, one line each, ordered by number. All names share one slice,
// because a search decodes hundreds of people and discards most of them.
func candidatesOf(all []candidateLine, limit int) ([]store.Candidate, error) {
	if len(all) == 0 {
		return nil, nil
	}
	order := byNumber(all)
	order = order[:min(len(order), limit)]
	people := make([]store.Candidate, len(order))
	names := make([]store.SpeltName, 0, len(order)*3/2)
	for i, at := range order {
		line, c := all[at].line, &people[i]
		c.Number = nhs.Number(line[numberAt:bornAt])
		var err error
		if c.Born, err = row.ReadDate(line[bornAt:lineDigits]); err != nil {
			return nil, err
		}
		if names, err = row.DecodeCandidate(c, names, line[lineDigits:]); err != nil {
			return nil, err
		}
	}
	return people, nil
}
