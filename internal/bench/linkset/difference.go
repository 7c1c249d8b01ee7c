package linkset

import (
	"slices"
	"strings"

	"wardlight/internal/nhs"
)

// Kinds lists the kinds of difference between a copy and its original, in the order of reports.
var Kinds = []string{
	"nothing wrong", "slip in family", "slip in given", "family replaced", "given replaced", "names changed over",
	"date: one digit", "date: day and month changed over", "date: another year", "date: another day or month",
	"date: altogether", "several",
}

// Difference returns the kind of difference between typed and meant in names and birth date. Fields that the original
// lacks are ignored.
func Difference(typed, meant Row) string {
	family, given := nameDifference("family", typed.Family, meant.Family), nameDifference("given", typed.Given,
		meant.Given)
	date := dateDifference(typed.Born, meant.Born)
	if family != "" && given != "" {
		swapped := nameDifference("", typed.Family, meant.Given) + nameDifference("", typed.Given, meant.Family)
		if swapped != "" || date != "" {
			return "several"
		}
		return "names changed over"
	}
	switch all := slices.DeleteFunc([]string{family, given, date}, func(s string) bool { return s == "" }); len(all) {
	case 0:
		return "nothing wrong"
	case 1:
		return all[0]
	default:
		return "several"
	}
}

// nameDifference distinguishes a slip from another name: a slip changes at most three letters and at most half of
// them.
func nameDifference(field, typed, meant string) string {
	a, b := []rune(strings.ToLower(typed)), []rune(strings.ToLower(meant))
	d := distance(a, b)
	switch {
	case d == 0 || len(b) == 0:
		return ""
	case d <= 3 && 2*d <= max(len(a), len(b)):
		return "slip in " + field
	default:
		return field + " replaced"
	}
}

func dateDifference(typed, meant nhs.Date) string {
	a, b := typed.FHIR(), meant.FHIR()
	if a == b || meant.IsZero() {
		return ""
	}

	digits := 0
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			digits++
		}
	}

	switch sameDay := typed.Day == meant.Day && typed.Month == meant.Month; {
	case digits == 1:
		return "date: one digit"
	case typed.Year == meant.Year && int(typed.Month) == meant.Day && typed.Day == int(meant.Month):
		return "date: day and month changed over"
	case sameDay:
		return "date: another year"
	case typed.Year == meant.Year && (typed.Day == meant.Day || typed.Month == meant.Month):
		return "date: another day or month"
	default:
		return "date: altogether"
	}
}

// distance returns the number of insertions, deletions, replacements and swaps of adjacent letters that turn one text
// into the other (optimal string alignment).
func distance(a, b []rune) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		now[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			now[j+1] = min(last[j]+cost, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
