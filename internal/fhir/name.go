package fhir

import "wardlight/internal/nhs"

// distantPast is the end of a former name, address or contact whose end is unknown.
var distantPast = nhs.Date{Year: 1, Month: 1, Day: 1}

// FormerName reports whether use marks a name as a former one.
func FormerName(use string) bool { return use == "old" || use == "maiden" }

// LastDay returns the last day of use of something with the given period, or the zero date if it has none. For a
// partial end it returns the last possible day, so that something still in use isn't hidden. If former is set and the
// period has no end, it returns a day long ago. The error is from parsing the date.
func LastDay(p *Period, former bool) (nhs.Date, error) {
	switch {
	case p != nil && p.End != "":
		end, err := nhs.ParseDate(p.End)
		return end.Latest(), err
	case former:
		return distantPast, nil
	}
	return nhs.Date{}, nil
}

// LastInUse returns the index of the name to use for a person whose names have all ended: the one that ended last.
// Names that aren't former take precedence over former ones. A name without an end, or with an invalid one, counts as
// ending last. It returns -1 if names is empty.
func LastInUse(names []HumanName) int {
	last, lastEnd := -1, nhs.Date{}
	for i, n := range names {
		former := FormerName(n.Use)
		end, err := LastDay(n.Period, former)
		if err != nil {
			end = nhs.Date{}
		}
		later := !lastEnd.IsZero() && (end.IsZero() || lastEnd.Before(end))
		if last < 0 || FormerName(names[last].Use) && !former || FormerName(names[last].Use) == former && later {
			last, lastEnd = i, end
		}
	}
	return last
}
