package hours

import (
	"fmt"
	"strings"
	"unicode"

	"wardlight/internal/nhs"
)

// mostDays is how many days a site may add: many more than there are proclamations.
const mostDays = 400

// ParseDays reads days as settings have them: 2027-05-03, with commas or spaces between. The error says which is none.
func ParseDays(s string) ([]nhs.Date, error) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) })
	if len(fields) > mostDays {
		return nil, fmt.Errorf("there are %d days; %d are the most", len(fields), mostDays)
	}
	days := make([]nhs.Date, 0, len(fields))
	for _, f := range fields {
		d, err := nhs.ParseDate(f)
		if err != nil || !d.Complete() || f != d.FHIR() {
			return nil, fmt.Errorf("%q is no day", f)
		}
		days = append(days, d)
	}
	return days, nil
}
