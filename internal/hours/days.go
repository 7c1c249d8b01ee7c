package hours

import (
	"fmt"
	"strings"
	"unicode"

	"wardlight/internal/nhs"
)

// maxDays is the maximum number of days that a site may add. There are far fewer proclaimed holidays.
const maxDays = 400

// ParseDays parses a list of days in the format of settings: 2027-05-03, separated by commas or spaces. The error
// quotes the invalid one.
func ParseDays(s string) ([]nhs.Date, error) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) })
	if len(fields) > maxDays {
		return nil, fmt.Errorf("there are %d days; %d are the most", len(fields), maxDays)
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
