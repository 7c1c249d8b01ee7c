// Package linkset reads public data sets for measuring record linkage: CSV files with people and corrupted copies of
// them. A column links each copy to its original (FEBRL: rec-7-org is the person, rec-7-dup-0 a copy).
package linkset

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wardlight/internal/nhs"
)

// Row is a person or a copy. Fields that are blank in the file are zero.
type Row struct {
	Link                    string // rec-7 for rec-7-org and rec-7-dup-0; the whole value if it has another form
	Copy                    bool   // the value has the form rec-7-dup-0
	Family, Given, Postcode string
	Born                    nhs.Date

	badBirth bool // the birth date is invalid
}

// Columns maps fields to the names of a file's columns. Postcode may be "".
type Columns struct {
	Family, Given, Born, Postcode, Tie string

	// Date is the format of a birth date, made of yyyy, mm, dd and separators; "" means yyyy-mm-dd.
	Date string
}

// ParseColumns parses a list such as family=surname,given=given_name,born=date_of_birth:yyyymmdd,postcode=postcode.
// tie is the column that links copies to originals.
func ParseColumns(list, tie string) (Columns, error) {
	c := Columns{Tie: tie, Date: "yyyy-mm-dd"}
	to := map[string]*string{"family": &c.Family, "given": &c.Given, "born": &c.Born, "postcode": &c.Postcode}
	for _, one := range strings.Split(list, ",") {
		field, column, ok := strings.Cut(strings.TrimSpace(one), "=")
		name, known := to[field]
		switch {
		case !ok || column == "" || !known:
			return c, fmt.Errorf("%q names no column: family=, given=, born= and postcode= do", one)
		case *name != "":
			return c, fmt.Errorf("%s is there twice", field)
		}
		if *name = column; field == "born" {
			if column, form, ok := strings.Cut(column, ":"); ok {
				c.Born, c.Date = column, form
			}
		}
	}

	if c.Family == "" || c.Given == "" || c.Born == "" || c.Tie == "" {
		return c, fmt.Errorf("family=, given=, born= and the column that ties copies to originals are needed")
	}

	for _, part := range []string{"yyyy", "mm", "dd"} {
		if strings.Count(c.Date, part) != 1 {
			return c, fmt.Errorf("%q is no form of a date: yyyy, mm and dd have to be in it, once each", c.Date)
		}
	}

	return c, nil
}

// tied matches a value of the linking column in FEBRL's sets.
var tied = regexp.MustCompile(`^(.+)-(?:(org)|dup-[0-9]+)$`)

func tie(value string) (string, bool) {
	m := tied.FindStringSubmatch(value)
	if m == nil {
		return value, false
	}
	return m[1], m[2] == ""
}

// Skip is the reason why a row could not be used. The texts are for reports.
type Skip string

// The reasons.
const (
	NoTie    Skip = "nothing ties it"
	NoBirth  Skip = "no birth date"
	BadBirth Skip = "the birth date does not parse"
	NoFamily Skip = "no family name"
	NoGiven  Skip = "no given name"
	Unknown  Skip = "its original is not among the people"
	Twice    Skip = "its original is there twice"
)

// Skips counts rows that could not be used, by reason.
type Skips map[Skip]int

// String returns the reasons with their counts in alphabetical order, or "none".
func (s Skips) String() string {
	var all []string
	for why, n := range s {
		all = append(all, fmt.Sprintf("%s: %d", why, n))
	}
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
