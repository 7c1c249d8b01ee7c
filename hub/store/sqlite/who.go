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

// A search puts one number before the line of row.Who, and a line break between two people: lineBase + NHS number *
// 10^8 + birth date. So it has lineDigits digits, of which those from numberAt on are the NHS number, and those from
// bornAt on the birth date.
const (
	lineBase   = "1000000000000000000"
	lineDigits = len(lineBase)
	numberAt   = 1
	bornAt     = lineDigits - len("20160304")
)

// soundsOf returns the sounds of all names, each pair once, and as one text.
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

// readSounds reads the text of soundsOf.
func readSounds(text string) []store.Sound {
	var all []store.Sound
	for line := range strings.Lines(text) {
		family, given, _ := strings.Cut(strings.TrimSuffix(line, lineEnd), fieldEnd)
		all = append(all, store.Sound{Family: family, Given: given})
	}
	return all
}

// keysText returns the keys of a patient as one text; a folded key has no space.
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

// seen is the line of a candidate, and whose it is.
type seen struct {
	number int64
	line   string
}

// splitLines takes lines apart; of the same person there may be several.
func splitLines(all []seen, lines string) ([]seen, error) {
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, lineEnd)
		if len(line) < lineDigits {
			return nil, errors.New("a candidate does not read")
		}
		n, err := strconv.ParseInt(line[numberAt:bornAt], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a candidate does not read: %w", err)
		}
		all = append(all, seen{n, line})
	}
	return all, nil
}

// byNumber returns where each person stands in all, by number and each once. It sorts numbers with their places in one
// integer each: to sort the lines themselves takes several times as long.
func byNumber(all []seen) []uint64 {
	const placeBits = 30 // a number has 34
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

// candidatesOf reads the lines of as many people as limit, once each, by number. The names of all are in one slice: a
// search reads hundreds of people, and most of them are forgotten at once.
func candidatesOf(all []seen, limit int) ([]store.Candidate, error) {
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
		if names, err = row.ReadWho(c, names, line[lineDigits:]); err != nil {
			return nil, err
		}
	}
	return people, nil
}
