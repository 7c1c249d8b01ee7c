package upload

import (
	"slices"
	"strings"
	"unicode/utf8"

	"wardlight/hub/trace"
)

// fit is how well what a row says of a patient agrees with a record.
type fit int

// The fits, each better than the one before.
const (
	noFit    fit = iota
	partFit      // it is this patient's, and may be a sibling's
	wholeFit     // all given names are those in use
)

// words returns given names one by one, folded. A name that is made of several with spaces or hyphens, such as
// Mary-Ann, is several.
func words(names ...string) []string {
	var all []string
	for _, name := range names {
		all = append(all, trace.Words(name)...)
	}
	return all
}

// givenFit compares the given names that were sent with those of one name on record. shortForm is
// [trace.Service.ShortForm].
//
// All of them being the same is a wholeFit, wherever one is written in two words: Mary Ann and Maryann. It is a
// partFit when
//   - the record has no given name;
//   - those that were sent are among the record's: John for John Paul, Paul for John Paul;
//   - the record's are among those that were sent, and the first is the first: John Paul for John;
//   - the first words of one are all of the other, as in Mary Ann for Maryann Louise.
//
// A name is the same as another that is its short form, and an initial as the name at its place. What newborns are
// called by and twins are numbered with, such as Baby, Twin, Boy, 1 and A, does not tell one child from another: a
// partFit has another name, too.
func givenFit(onRecord []string, sent string, shortForm func(a, b string) bool) fit {
	known, asked := words(onRecord...), words(sent)
	same := func(a, b string) bool { return a == b || shortForm(a, b) }
	switch whole, knownWhole := strings.Join(asked, ""), strings.Join(known, ""); {
	case whole == "":
		return noFit
	case whole == knownWhole:
		return wholeFit
	case knownWhole == "", leads(asked, knownWhole), leads(known, whole):
		return partFit
	}

	fits := func(a, k int) bool { return same(asked[a], known[k]) || a == k && initial(asked[a], known[k]) }
	found, tell, taken := 0, false, make([]bool, len(known))
	for a := range asked {
		for k := range known {
			if !taken[k] && fits(a, k) {
				found, tell, taken[k] = found+1, tell || tells(known[k]), true
				break
			}
		}
	}
	if tell && (found == len(asked) || found == len(known) && fits(0, 0)) {
		return partFit
	}
	return noFit
}

// leads reports whether the first words of some, one of which tells, are together the whole.
func leads(some []string, whole string) bool {
	tell, begun := false, ""
	for _, w := range some {
		begun += w
		tell = tell || tells(w)
		if begun == whole {
			return tell
		}
	}
	return false
}

// initial reports whether the letter begins the name.
func initial(letter, name string) bool {
	return utf8.RuneCountInString(letter) == 1 && strings.HasPrefix(name, letter)
}

// untelling are the words that, besides those of [trace.Placeholder], stand for the name of a child who has none yet,
// or number children of one birth.
var untelling = []string{
	"babe", "unborn", "child", "quadruplet", "of", "no", "number", "ii", "iii", "iv",
	"one", "two", "three", "four", "five", "six", "first", "second", "third", "fourth", "older", "younger", "elder",
}

// tells reports whether a folded word tells one child from another.
func tells(word string) bool {
	if strings.Trim(word, "0123456789") == "" || len(word) == 1 {
		return false
	}
	return !trace.Placeholder(word) && !slices.Contains(untelling, word)
}
