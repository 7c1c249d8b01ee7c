package upload

import (
	"slices"
	"strings"
	"unicode/utf8"

	"wardlight/hub/trace"
)

// fit is the degree to which a row's demographics agree with a record.
type fit int

// The values of fit in ascending order.
const (
	noFit    fit = iota
	partFit      // matches the patient, but may also mean a sibling
	wholeFit     // all given names are equal to those in use
)

// nameWords returns the folded words of given names. Mary-Ann is two words.
func nameWords(names ...string) []string {
	var all []string
	for _, name := range names {
		all = append(all, trace.Words(name)...)
	}
	return all
}

// givenFit compares the given names that were sent with those of one name on record. shortForm is
// [trace.Service.ShortForm].
//
// Equal names are a wholeFit, even if one is written as two words: Mary Ann and Maryann. It is a partFit when
//   - the record has no given name;
//   - all names sent are among the record's: John for John Paul, Paul for John Paul;
//   - all of the record's are among those sent, and the first ones are equal: John Paul for John;
//   - the first words of one make up all of the other, as in Mary Ann for Maryann Louise.
//
// A name equals its short form, and an initial equals the name at the same position. Placeholders and numbers for
// newborns and twins, such as Baby, Twin, Boy, 1 and A, do not distinguish children. A partFit needs at least one
// other name that agrees.
func givenFit(onRecord []string, sent string, shortForm func(a, b string) bool) fit {
	known, asked := nameWords(onRecord...), nameWords(sent)
	same := func(a, b string) bool { return a == b || shortForm(a, b) }
	switch whole, knownWhole := strings.Join(asked, ""), strings.Join(known, ""); {
	case whole == "":
		return noFit
	case whole == knownWhole:
		return wholeFit
	case knownWhole == "", isJoinedPrefix(asked, knownWhole), isJoinedPrefix(known, whole):
		return partFit
	}

	fits := func(a, k int) bool { return same(asked[a], known[k]) || a == k && initial(asked[a], known[k]) }
	found, report, taken := 0, false, make([]bool, len(known))
	for a := range asked {
		for k := range known {
			if !taken[k] && fits(a, k) {
				found, report, taken[k] = found+1, report || distinguishes(known[k]), true
				break
			}
		}
	}

	if report && (found == len(asked) || found == len(known) && fits(0, 0)) {
		return partFit
	}

	return noFit
}

// isJoinedPrefix reports whether the first words of some, joined, are equal to whole, and at least one of them is
// distinguishing.
func isJoinedPrefix(some []string, whole string) bool {
	report, started := false, ""
	for _, w := range some {
		started += w
		report = report || distinguishes(w)
		if started == whole {
			return report
		}
	}
	return false
}

// initial reports whether letter is the first letter of name.
func initial(letter, name string) bool {
	return utf8.RuneCountInString(letter) == 1 && strings.HasPrefix(name, letter)
}

// placeholderWords lists the words, besides those of [trace.Placeholder], that stand for the name of a child who has
// none yet or that number the children of one birth.
var placeholderWords = []string{
	"babe", "unborn", "child", "quadruplet", "of", "no", "number", "ii", "iii", "iv",
	"one", "two", "three", "four", "five", "six", "first", "second", "third", "fourth", "older", "younger", "elder",
}

// distinguishes reports whether a folded word distinguishes one child from another.
func distinguishes(word string) bool {
	if strings.Trim(word, "0123456789") == "" || len(word) == 1 {
		return false
	}
	return !trace.Placeholder(word) && !slices.Contains(placeholderWords, word)
}
