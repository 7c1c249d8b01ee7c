package worklist

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"wardlight/internal/nhs"
)

// findNumbers decides which columns contain NHS numbers: those with such a heading or, without headings, those with
// the most numbers. Columns without any number are ignored.
func (p *parser) findNumbers() {
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

	limit := 0
	if len(found) > 0 {
		limit = slices.Max(found)
	}

	if len(p.columns.numbers) == 0 {
		for i, n := range found {
			if n == limit || n > 0 && 2*n >= limit {
				p.columns.numbers = append(p.columns.numbers, i)
			}
			if limit == 0 {
				return // use the first column
			}
		}
		return
	}

	used := slices.DeleteFunc(slices.Clone(p.columns.numbers), func(c int) bool {
		return c >= len(found) || found[c] == 0
	})
	if len(used) > 0 {
		p.columns.numbers = used
	}
}

// hasDigits reports whether a cell of the row has 7 or more digits, so that it may be meant as an NHS number.
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

// numberIn returns the NHS number of a row. If it has none, it returns the text in its place, the kind of fault and a
// sentence. If several columns have the number, they must agree.
func (p *parser) numberIn(cells []string) (n nhs.Number, given, kind, fault string) {
	var all []string
	for _, c := range p.columns.numbers {
		if cell := p.columns.cell(cells, c); cell != "" {
			all = append(all, cell)
		}
	}

	if len(all) == 0 {
		return "", "", NoNumber, "There is no NHS number in this line."
	}

	n, err := readNumber(all[0])
	for _, other := range all[1:] {
		if m, otherErr := readNumber(other); m != n || (err == nil) != (otherErr == nil) || err != nil &&
			other != all[0] {
			return "", all[0] + " / " + other, TwoNumbers, "Two columns of this line have different NHS numbers."
		}
	}

	if err == nil {
		return n, "", "", ""
	}
	if errors.Is(err, errPowerOfTen) {
		return "", all[0], PowerOfTen, "A spreadsheet has made a power of ten of this number, and its last digits " +
			"are lost. Format the column as text and put the number in again."
	}

	var form *nhs.FormError
	if errors.As(err, &form) {
		return "", all[0], NoNumber, form.Sentence
	}

	return "", all[0], NoNumber, err.Error()
}

// errPowerOfTen is returned by readNumber for a number such as 9.99E+09.
var errPowerOfTen = errors.New("a power of ten")

// The ways in which spreadsheets and databases write a number of ten digits.
var (
	powerOfTen = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]+))?[eE]\+?0*([0-9]{1,3})$`)
	fraction   = regexp.MustCompile(`^([0-9]{10})[.,]0+$`)
	thousands  = regexp.MustCompile(`^[0-9](?:,[0-9]{3}){3}$|^[0-9](?:\.[0-9]{3}){3}$|^[0-9](?:['’][0-9]{3}){3}$`)
)

// readNumber reads a cell as an NHS number. A number with all its digits is accepted in any of these notations. The
// error is errPowerOfTen if digits are missing, and otherwise a *nhs.FormError.
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
