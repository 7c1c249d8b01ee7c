package corrupt

import (
	"math/rand/v2"
	"strings"
)

// rows are the rows of the keyboard, for hitting an adjacent key.
var rows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"}

// misspell makes one typing error: a letter omitted, doubled, or replaced by an adjacent key, or two letters swapped.
// All letters have the same probability.
func misspell(r *rand.Rand, name *string) bool {
	letters := []rune(*name)
	if len(letters) < 3 {
		return false
	}

	i := r.IntN(len(letters))
	switch r.IntN(5) {
	case 0:
		letters = append(letters[:i:i], letters[i+1:]...)
	case 1:
		letters = append(letters[:i+1:i+1], letters[i:]...)
	case 2, 3:
		letters[i] = beside(r, letters[i])
	case 4:
		i = r.IntN(len(letters) - 1)
		letters[i], letters[i+1] = letters[i+1], letters[i]
	}

	typed := string(letters)
	changed := typed != *name
	*name = typed
	return changed
}

func beside(r *rand.Rand, letter rune) rune {
	for _, row := range rows {
		i := strings.IndexRune(row, letter|0x20)
		switch {
		case i < 0:
		case i == 0:
			return rune(row[1])
		case i == len(row)-1 || r.IntN(2) == 0:
			return rune(row[i-1])
		default:
			return rune(row[i+1])
		}
	}
	return rune('a' + r.IntN(26))
}

// soundAlikes lists spellings that sound alike. They are replaced in both directions.
var soundAlikes = [][2]string{
	{"ph", "f"},
	{"ck", "k"},
	{"ee", "ea"},
	{"ie", "ei"},
	{"y", "i"},
	{"ey", "y"},
	{"ll", "l"},
	{"nn", "n"},
	{"tt", "t"},
	{"ss", "s"},
	{"mm", "m"},
	{"rr", "r"},
	{"ks", "x"},
	{"c", "k"},
	{"z", "s"},
	{"th", "t"},
	{"ou", "u"},
	{"ai", "ay"},
	{"gh", ""},
	{"au", "or"},
	{"er", "ar"},
	{"son", "sen"},
	{"oo", "u"},
	{"sh", "sch"},
	{"wh", "w"},
	{"e ", " "},
	{"s ", "ce "},
	{"an ", "en "},
	{"ley ", "leigh "},
	{"ley ", "ly "},
	{"kn", "n"},
	{"wr", "r"},
	{"kh", "k"},
	{"dh", "d"},
	{"sz", "sh"},
	{"cz", "ch"},
	{"w ", "ff "},
	{"Mac", "Mc"},
	{"ew", "u"},
	{"j", "g"},
}

// byEar replaces a part of the name by a spelling that sounds alike.
func byEar(r *rand.Rand, name *string) bool {
	padded := *name + " "
	for _, i := range r.Perm(len(soundAlikes)) {
		from, to := soundAlikes[i][0], soundAlikes[i][1]
		if r.IntN(2) == 0 && to != "" {
			from, to = to, from
		}
		if at := strings.Index(strings.ToLower(padded), strings.ToLower(from)); at >= 0 &&
			len(strings.ToLower(padded)) == len(padded) {
			typed := strings.TrimSpace(padded[:at] + to + padded[at+len(from):])
			if len(typed) > 1 && typed != *name {
				*name = typed
				return true
			}
		}
	}
	return false
}
