package worklist

import (
	"strings"
	"unicode"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// columns is the indexes of the columns of a table, from 0; -1 means that there is none.
type columns struct {
	numbers                   []int // several if the file has several columns for the NHS number
	name, family, given, born int
}

// The known headings. Case, spaces and punctuation are ignored.
var (
	numberHeadings = words("nhsnumber", "nhsno", "nhsnum", "nhsnr", "nhs", "nhsid", "patientnhsnumber", "patientnhsno",
		"nnn", "newnhsnumber")
	nameHeadings = words("name", "patientname", "patient", "fullname", "displayname", "nameofpatient", "childname",
		"childsname")
	familyHeadings = words("familyname", "family", "surname", "lastname", "patientsurname", "patientfamilyname")
	givenHeadings  = words("givenname", "given", "givennames", "forename", "forenames", "firstname", "firstnames",
		"patientforename", "patientgivenname")
	bornHeadings = words("dob", "dateofbirth", "birthdate", "born", "birthday", "patientdob", "patientdateofbirth",
		"dobirth")
)

func words(all ...string) map[string]bool {
	set := make(map[string]bool, len(all))
	for _, w := range all {
		set[w] = true
	}
	return set
}

// normaliseHeading returns the letters and digits of a heading in lower case: "NHS No." becomes "nhsno".
func normaliseHeading(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// headings returns the columns that a row of headings defines, and the number of known headings. A row that contains
// an NHS number has no headings.
func headings(cells []string) (c columns, known int) {
	c = columns{nil, -1, -1, -1, -1}
	for i, heading := range cells {
		if _, err := nhs.ParseNumber(heading); err == nil {
			return columns{nil, -1, -1, -1, -1}, 0
		}

		heading = normaliseHeading(heading)
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

// cell returns the cell in a column, or "" if the row is shorter.
func (c columns) cell(cells []string, column int) string {
	if column < 0 || column >= len(cells) {
		return ""
	}
	return cells[column]
}

// nameIn returns the name in a row, as names are shown: the cell of the name column, or family and given name
// combined.
func (c columns) nameIn(cells []string) string {
	if name := c.cell(cells, c.name); name != "" {
		return text.Clean(name, maxNameLength)
	}
	family, given := c.cell(cells, c.family), c.cell(cells, c.given)
	if family == "" {
		return text.Clean(given, maxNameLength)
	}
	var all []string
	if given != "" {
		all = []string{text.Clean(given, maxNameLength/2)}
	}
	return nhs.DisplayName(text.Clean(family, maxNameLength/2), all, "")
}
