package sqlite

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// The line that is kept of a candidate has fields between tabs: gender, confidential (0, 1), day of death (0), and for each
// name its spelling and its last day ("" while it is in use). A search puts number and birth date in front, and a line break
// between two people.
const (
	fieldEnd = "\t"
	lineEnd  = "\n"
)

// whoOf is the line of a patient. The error is a field that would break it.
func whoOf(r *store.Patient) (string, error) {
	confidential := "0"
	if r.Confidential {
		confidential = "1"
	}
	fields := []string{r.Keys.Gender, confidential, strconv.Itoa(day(r.Keys.Died))}
	for _, n := range r.Keys.Names {
		ends := ""
		if !n.Ends.IsZero() {
			ends = strconv.Itoa(day(n.Ends))
		}
		fields = append(fields, n.Spelt, ends)
	}
	for _, f := range fields {
		if strings.ContainsAny(f, fieldEnd+lineEnd) {
			return "", fmt.Errorf("a tab or a line break in a name or gender")
		}
	}
	return strings.Join(fields, fieldEnd), nil
}

// soundsOf are the sounds of all names, each pair once, and as one text.
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

// seen is a candidate's line, and whose it is.
type seen struct {
	number int64
	digits string
	rest   string
}

// splitLines takes lines apart; of the same person there may be several.
func splitLines(all []seen, lines string) ([]seen, error) {
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, lineEnd)
		digits, rest, _ := strings.Cut(line, fieldEnd)
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a candidate does not read: %w", err)
		}
		all = append(all, seen{n, digits, rest})
	}
	return all, nil
}

// byNumber is where each person stands in all, by number and each once. It sorts numbers with their places in one integer each: to
// sort the lines themselves takes several times as long.
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

// candidatesOf reads the lines of as many people as limit, once each, by number. The names of all are in one slice: a search
// reads hundreds of people, and most of them are forgotten at once.
func candidatesOf(all []seen, limit int) ([]store.Candidate, error) {
	if len(all) == 0 {
		return nil, nil
	}
	order := byNumber(all)
	order = order[:min(len(order), limit)]
	people := make([]store.Candidate, len(order))
	names := make([]store.SpeltName, 0, len(order)*3/2)
	for i, at := range order {
		f, c := &all[at], &people[i]
		if c.Number = nhs.Number(f.digits); len(f.digits) != len("9990000018") {
			c.Number = digitsOf(f.number)
		}
		born, rest, _ := strings.Cut(f.rest, fieldEnd)
		gender, rest, _ := strings.Cut(rest, fieldEnd)
		confidential, rest, _ := strings.Cut(rest, fieldEnd)
		died, rest, _ := strings.Cut(rest, fieldEnd)
		var bad error
		date := func(digits string) nhs.Date {
			n, err := strconv.Atoi(digits)
			if err != nil {
				bad = fmt.Errorf("a candidate does not read: %w", err)
			}
			return dateOf(n)
		}
		c.Gender, c.Confidential, c.Born = gender, confidential == "1", date(born)
		if died != "0" {
			c.Died = date(died)
		}
		first := len(names)
		for rest != "" {
			var name store.SpeltName
			var ends string
			name.Spelt, rest, _ = strings.Cut(rest, fieldEnd)
			if ends, rest, _ = strings.Cut(rest, fieldEnd); ends != "" {
				name.Ends = date(ends)
			}
			names = append(names, name)
		}
		c.Names = names[first:len(names):len(names)]
		if bad != nil {
			return nil, bad
		}
	}
	return people, nil
}
