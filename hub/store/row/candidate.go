package row

import (
	"errors"
	"strconv"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Who is the encoding of what a wider search compares of a patient, besides number and birth date, in one line. Tabs
// separate the fields: gender, confidential (0, 1), date of death (0 for none), and for each name its spelling and its
// last day ("" if it is in use).
const (
	FieldEnd = "\t"
	LineEnd  = "\n"
)

var errLine = errors.New("a tab or a line break in a name, gender or sound")

// EncodeCandidate returns the line of a patient. It returns an error if a field contains a separator.
func EncodeCandidate(r *store.Patient) (string, error) {
	confidential := "0"
	if r.Confidential {
		confidential = "1"
	}
	fields := []string{r.Keys.Gender, confidential, strconv.Itoa(Day(r.Keys.Died))}
	for _, n := range r.Keys.Names {
		ends := ""
		if !n.Ends.IsZero() {
			ends = strconv.Itoa(Day(n.Ends))
		}
		fields = append(fields, n.Spelt, ends)
	}
	for _, f := range fields {
		if strings.ContainsAny(f, FieldEnd+LineEnd) {
			return "", errLine
		}
	}
	return strings.Join(fields, FieldEnd), nil
}

// DecodeCandidate decodes a line into c. It appends the names to names, and sets c.Names to the appended part.
func DecodeCandidate(c *store.Candidate, names []store.SpeltName, who string) ([]store.SpeltName, error) {
	gender, rest, _ := strings.Cut(who, FieldEnd)
	confidential, rest, _ := strings.Cut(rest, FieldEnd)
	died, rest, _ := strings.Cut(rest, FieldEnd)
	var err error
	c.Gender, c.Confidential = gender, confidential == "1"
	if died != "0" {
		if c.Died, err = ReadDate(died); err != nil {
			return names, err
		}
	}

	first := len(names)
	for rest != "" {
		var name store.SpeltName
		var ends string
		name.Spelt, rest, _ = strings.Cut(rest, FieldEnd)
		if ends, rest, _ = strings.Cut(rest, FieldEnd); ends != "" {
			if name.Ends, err = ReadDate(ends); err != nil {
				return names, err
			}
		}
		names = append(names, name)
	}

	c.Names = names[first:len(names):len(names)]
	return names, nil
}

// ReadDate parses a stored date in digits.
func ReadDate(digits string) (nhs.Date, error) {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return nhs.Date{}, errors.New("a candidate cannot be parsed")
	}
	return Date(n), nil
}
