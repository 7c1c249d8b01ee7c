package linkset

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// ReadFile reads a file with Read.
func ReadFile(name string, c Columns) ([]Row, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	rows, err := Read(f, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return rows, nil
}

// Read parses CSV with a header line. Errors name lines and columns, but quote no content.
func Read(from io.Reader, c Columns) ([]Row, error) {
	r := csv.NewReader(from)
	r.TrimLeadingSpace, r.LazyQuotes = true, true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the line with the names of the columns does not read: %w", err)
	}

	head[0] = text.WithoutByteOrderMark(head[0])
	var missing error
	at := func(name string) int {
		i := slices.IndexFunc(head, func(h string) bool { return strings.TrimSpace(h) == name })
		if i < 0 && name != "" {
			missing = errors.Join(missing, fmt.Errorf("there is no column %q; the columns are %s", name,
				strings.Join(head, ", ")))
		}
		return i
	}

	family, given, born, postcode, tied := at(c.Family), at(c.Given), at(c.Born), at(c.Postcode), at(c.Tie)
	if missing != nil {
		return nil, missing
	}

	var rows []Row
	dates, bad := 0, 0
	for {
		values, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}

		value := func(i int) string {
			if i < 0 {
				return ""
			}
			return strings.TrimSpace(values[i])
		}

		row := Row{Family: value(family), Given: value(given), Postcode: value(postcode)}
		row.Link, row.Copy = tie(value(tied))
		if typed := value(born); typed != "" {
			dates++
			if row.Born, row.badBirth = parseDate(typed, c.Date); row.badBirth {
				bad++
			}
		}

		rows = append(rows, row)
	}

	if dates > 0 && bad == dates {
		return nil, fmt.Errorf("no birth date in column %q is of the form %s", c.Born, c.Date)
	}

	return rows, nil
}

// parseDate parses a date in a format such as dd/mm/yyyy. bad reports whether the format differs or the date doesn't
// exist.
func parseDate(typed, form string) (d nhs.Date, bad bool) {
	if len(typed) != len(form) {
		return d, true
	}
	digits := func(part string) string {
		i := strings.Index(form, part)
		return typed[i : i+len(part)]
	}
	if strings.NewReplacer("yyyy", digits("yyyy"), "mm", digits("mm"), "dd", digits("dd")).Replace(form) != typed {
		return d, true
	}
	d, err := nhs.ParseDate(digits("yyyy") + "-" + digits("mm") + "-" + digits("dd"))
	return d, err != nil
}

// Set is people, and the corrupted copies that are used as queries.
type Set struct {
	People, Queries []Row
	Skipped         Skipped
}

// Skipped counts the rows that are neither people nor queries, by reason.
type Skipped struct {
	People  Skips `json:"people"`
	Queries Skips `json:"queries"`
}

// Join returns the set of two files' rows.
func Join(people, queries []Row) Set {
	var s Set
	s.Skipped.People, s.Skipped.Queries = make(Skips), make(Skips)
	known := make(map[string]bool)
	for _, r := range people {
		why := Skip("")
		switch {
		case r.Link == "":
			why = NoTie
		case r.badBirth:
			why = BadBirth
		case known[r.Link]:
			why = Twice
		default:
			known[r.Link] = true
			s.People = append(s.People, r)
			continue
		}
		s.Skipped.People[why]++
	}

	for _, r := range queries {
		why := Skip("")
		switch {
		case r.Link == "":
			why = NoTie
		case !known[r.Link]:
			why = Unknown
		case r.badBirth:
			why = BadBirth
		case r.Family == "":
			why = NoFamily
		case r.Given == "":
			why = NoGiven
		case r.Born.IsZero():
			why = NoBirth
		default:
			s.Queries = append(s.Queries, r)
			continue
		}

		s.Skipped.Queries[why]++
	}

	return s
}

// Split returns the set of the rows of one file, which contains originals and copies.
func Split(rows []Row) Set {
	var people, copies []Row
	for _, r := range rows {
		if r.Copy {
			copies = append(copies, r)
		} else {
			people = append(people, r)
		}
	}
	return Join(people, copies)
}
