package worklist

import (
	"fmt"
	"strings"
	"unicode"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// columns are where in a line things stand, from 0; -1 is nowhere.
type columns struct{ number, name, family, given, born int }

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

// plain is a heading without what people write differently: "NHS No." is "nhsno".
func plain(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// headings are the columns of a first line that has headings; nil for one that has a patient, or something else. The error is a
// *ParseError: headings that do not say which numbers to ask about.
func headings(cells []string) (*columns, error) {
	c := columns{-1, -1, -1, -1, -1}
	known := 0
	for i, heading := range cells {
		if _, err := nhs.ParseNumber(heading); err == nil {
			return nil, nil
		}
		for _, kind := range []struct {
			words map[string]bool
			at    *int
		}{{numberHeadings, &c.number}, {nameHeadings, &c.name}, {familyHeadings, &c.family}, {givenHeadings, &c.given}, {bornHeadings, &c.born}} {
			switch {
			case !kind.words[plain(heading)]:
				continue
			case *kind.at < 0:
				*kind.at = i
			case kind.at == &c.number:
				return nil, &ParseError{
					fmt.Sprintf("Two columns are headed as the NHS number: “%s” and “%s”.", shortly(cells[c.number]), shortly(heading)),
					"Take the one out that is not the patient's.",
				}
			}
			known++
		}
	}
	switch {
	case known == 0:
		return nil, nil
	case c.number < 0:
		return nil, &ParseError{"None of the columns is headed “NHS number”.", "Head the column with the NHS numbers so."}
	}
	return &c, nil
}

func shortly(heading string) string { return text.Clean(heading, 40) }

// of is the cell in a column; "" where the line ends before.
func (c columns) of(cells []string, column int) string {
	if column < 0 || column >= len(cells) {
		return ""
	}
	return cells[column]
}

// nameIn is the name in a line: the one column, or family and given name together, as names are shown.
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
