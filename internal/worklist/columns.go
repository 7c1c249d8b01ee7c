package worklist

import (
	"strings"
	"unicode"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// columns are where in a row things are, from 0; -1 is nowhere.
type columns struct {
	numbers                   []int // several where a file has the NHS number twice
	name, family, given, born int
}

// The headings that are understood, without regard to case, spaces and signs.
var (
	numberHeadings = words("nhsnumber", "nhsno", "nhsnum", "nhsnr", "nhs", "nhsid", "patientnhsnumber", "patientnhsno", "nnn", "newnhsnumber")
	nameHeadings   = words("name", "patientname", "patient", "fullname", "displayname", "nameofpatient", "childname", "childsname")
	familyHeadings = words("familyname", "family", "surname", "lastname", "patientsurname", "patientfamilyname")
	givenHeadings  = words("givenname", "given", "givennames", "forename", "forenames", "firstname", "firstnames", "patientforename", "patientgivenname")
	bornHeadings   = words("dob", "dateofbirth", "birthdate", "born", "birthday", "patientdob", "patientdateofbirth", "dobirth")
)

func words(all ...string) map[string]bool {
	set := make(map[string]bool, len(all))
	for _, w := range all {
		set[w] = true
	}
	return set
}

// plain returns a heading without what people write differently: "NHS No." is "nhsno".
func plain(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// headings returns the columns of a row of headings, and how many of the cells are known headings. With an NHS number
// in it a row is no row of headings.
func headings(cells []string) (c columns, known int) {
	c = columns{nil, -1, -1, -1, -1}
	for i, heading := range cells {
		if _, err := nhs.ParseNumber(heading); err == nil {
			return columns{nil, -1, -1, -1, -1}, 0
		}
		heading = plain(heading)
		if numberHeadings[heading] {
			c.numbers = append(c.numbers, i)
			known++
			continue
		}
		for _, kind := range []struct {
			words map[string]bool
			at    *int
		}{{nameHeadings, &c.name}, {familyHeadings, &c.family}, {givenHeadings, &c.given}, {bornHeadings, &c.born}} {
			if kind.words[heading] {
				known++
				if *kind.at < 0 {
					*kind.at = i
				}
			}
		}
	}
	return c, known
}

// of returns the cell in a column; "" where the line ends before.
func (c columns) of(cells []string, column int) string {
	if column < 0 || column >= len(cells) {
		return ""
	}
	return cells[column]
}

// nameIn returns the name in a row: the one column, or family and given name together, as names are shown.
func (c columns) nameIn(cells []string) string {
	if name := c.of(cells, c.name); name != "" {
		return text.Clean(name, longestName)
	}
	family, given := c.of(cells, c.family), c.of(cells, c.given)
	if family == "" {
		return text.Clean(given, longestName)
	}
	var all []string
	if given != "" {
		all = []string{text.Clean(given, longestName/2)}
	}
	return nhs.DisplayName(text.Clean(family, longestName/2), all, "")
}
