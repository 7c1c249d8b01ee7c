package fhir

import "wardlight/internal/nhs"

// longPast ends what is said to be a former one without saying since when.
var longPast = nhs.Date{Year: 1, Month: 1, Day: 1}

// FormerName reports whether a name of that use is said to be a former one.
func FormerName(use string) bool { return use == "old" || use == "maiden" }

// LastDay returns the last day of use of what has that period; the zero date where there is none. An end that is
// known in part is the latest day that it may be: what may be in use is not hidden. What is said to be a former one,
// and has no end, ended long ago. The error is that of the date.
func LastDay(p *Period, former bool) (nhs.Date, error) {
	switch {
	case p != nil && p.End != "":
		end, err := nhs.ParseDate(p.End)
		return end.Latest(), err
	case former:
		return longPast, nil
	}
	return nhs.Date{}, nil
}

// LastInUse returns the index of the name by which somebody is known whose names have all ended: the last to end, of
// those that are not former ones where there is one. A name without an end, or with one that can't be read, ends
// last. It returns -1 for no names.
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
