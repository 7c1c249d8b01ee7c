package worklist

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"wardlight/internal/nhs"
)

// findNumbers decides which columns have the NHS numbers: those that are headed so, or, without headings, that have
// the most. A column without any is none.
func (p *parsing) findNumbers() {
	var found []int
	for _, r := range p.rows {
		for i, c := range r.cells {
			if i >= len(found) {
				found = append(found, 0)
			}
			if _, err := readNumber(c); err == nil {
				found[i]++
			}
		}
	}
	most := 0
	if len(found) > 0 {
		most = slices.Max(found)
	}
	if len(p.columns.numbers) == 0 {
		for i, n := range found {
			if n == most || n > 0 && 2*n >= most {
				p.columns.numbers = append(p.columns.numbers, i)
			}
			if most == 0 {
				return // the first
			}
		}
		return
	}
	used := slices.DeleteFunc(slices.Clone(p.columns.numbers), func(c int) bool { return c >= len(found) || found[c] == 0 })
	if len(used) > 0 {
		p.columns.numbers = used
	}
}

// hasDigits reports whether a cell of the row may be meant as an NHS number.
func hasDigits(r row) bool {
	return slices.ContainsFunc(r.cells, func(c string) bool {
		n := 0
		for _, d := range c {
			if d >= '0' && d <= '9' {
				n++
			}
		}
		return n >= 7 || powerOfTen.MatchString(c)
	})
}

// numberIn returns the NHS number of a row; or what is in its place, the kind of fault and why it is none. Columns
// that have the number twice must agree.
func (p *parsing) numberIn(cells []string) (n nhs.Number, given, kind, fault string) {
	var all []string
	for _, c := range p.columns.numbers {
		if cell := p.columns.of(cells, c); cell != "" {
			all = append(all, cell)
		}
	}
	if len(all) == 0 {
		return "", "", NoNumber, "There is no NHS number in this line."
	}
	n, err := readNumber(all[0])
	for _, other := range all[1:] {
		if m, otherErr := readNumber(other); m != n || (err == nil) != (otherErr == nil) || err != nil && other != all[0] {
			return "", all[0] + " / " + other, TwoNumbers, "Two columns of this line have different NHS numbers."
		}
	}
	if err == nil {
		return n, "", "", ""
	}
	if errors.Is(err, errPowerOfTen) {
		return "", all[0], PowerOfTen, "A spreadsheet has made a power of ten of this number, and its last digits are lost. Format the column as text and put the number in again."
	}
	var form *nhs.FormError
	if errors.As(err, &form) {
		return "", all[0], NoNumber, form.Sentence
	}
	return "", all[0], NoNumber, err.Error()
}

// errPowerOfTen is what readNumber returns of 9.99E+09.
var errPowerOfTen = errors.New("a power of ten")

// The ways in which spreadsheets and data programs write a number of ten digits.
var (
	powerOfTen = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]+))?[eE]\+?0*([0-9]{1,3})$`)
	fraction   = regexp.MustCompile(`^([0-9]{10})[.,]0+$`)
	thousands  = regexp.MustCompile(`^[0-9](?:,[0-9]{3}){3}$|^[0-9](?:\.[0-9]{3}){3}$|^[0-9](?:['’][0-9]{3}){3}$`)
)

// readNumber reads a cell as an NHS number. A number with all its ten digits is read however it is written; the error
// is errPowerOfTen for one that has lost some, else a *nhs.FormError.
func readNumber(cell string) (nhs.Number, error) {
	if m := powerOfTen.FindStringSubmatch(cell); m != nil {
		if len(m[1]+m[2]) != 10 || m[3] != "9" {
			return "", errPowerOfTen
		}
		return nhs.ParseNumber(m[1] + m[2])
	}
	if m := fraction.FindStringSubmatch(cell); m != nil {
		return nhs.ParseNumber(m[1])
	}
	if thousands.MatchString(cell) {
		return nhs.ParseNumber(strings.NewReplacer(",", "", ".", "", "'", "", "’", "").Replace(cell))
	}
	return nhs.ParseNumber(cell)
}
