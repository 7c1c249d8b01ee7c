package trace

import "strings"

// Soundex is the code of a folded name by the American Soundex rules (US National Archives): the first letter and three digits.
// "" for what has no letter of a to z.
func Soundex(name string) string {
	letters := latin(name)
	if letters == "" {
		return ""
	}
	return code(letters[0], letters)
}

// Sound is the code that names which sound alike share. It is Soundex of the name as it is spoken rather than written: silent
// letters are left out, and the first letter stands for its sound, so that Catherine and Katherine, Philip and Filip,
// Geoffrey and Jeffrey, Vaughan and Vaughn, Shaun and Sean have one code each. Names in other scripts are their own code.
func Sound(name string) string {
	letters := latin(name)
	if letters == "" {
		return name
	}
	first, rest := opening(letters)
	rest = silent.Replace(rest)
	return code(first, string(first)+rest)
}

// silent takes away what is written and not spoken; tch is ch, and dg is j, which have the codes of c and g.
var silent = strings.NewReplacer("gh", "", "tch", "ch", "dg", "g", "ph", "f")

// opening gives the letter that the name begins with as it is spoken, and what follows in writing.
func opening(s string) (byte, string) {
	for _, o := range openings {
		rest, ok := strings.CutPrefix(s, o.written)
		if ok && (o.before == "" || rest != "" && strings.IndexByte(o.before, rest[0]) >= 0) {
			return o.spoken, rest
		}
	}
	return s[0], s[1:]
}

// openings are how English, and the names that live in it, begin in writing and in speech; the first that fits holds.
var openings = []struct {
	written string
	before  string // the next letter is one of these; "" for any
	spoken  byte
}{
	{"kn", "", 'n'},
	{"gn", "", 'n'},
	{"pn", "", 'n'},
	{"wr", "", 'r'},
	{"rh", "", 'r'},
	{"ps", "", 's'},
	{"pf", "", 'f'},
	{"ph", "", 'f'},
	{"wh", "", 'w'},
	{"sch", "", 's'},
	{"ch", "rl", 'k'},
	{"ch", "", 's'},
	{"cz", "", 's'},
	{"ts", "", 's'},
	{"tz", "", 's'},
	{"dj", "", 'j'},
	{"dz", "", 'j'},
	{"kh", "", 'k'},
	{"gh", "", 'g'},
	{"c", "eiy", 's'},
	{"c", "", 'k'},
	{"q", "", 'k'},
	{"g", "eiy", 'j'},
	{"x", "", 's'},
	{"z", "", 's'},
	{"a", "", 'a'},
	{"e", "", 'a'},
	{"i", "", 'a'},
	{"o", "", 'a'},
	{"u", "", 'a'},
	{"y", "bcdfghjklmnpqrstvwxz", 'a'},
}

// digits are Soundex's classes, from a to z: 0 is not coded and parts equal neighbours, - is not coded and doesn't.
const digits = "0123012-02245501262301-202"

// code is a letter and the digits of what follows it in all; all begins with a letter whose digit the second may not repeat.
func code(first byte, all string) string {
	out := [4]byte{first, '0', '0', '0'}
	n, last := 1, digits[all[0]-'a']
	for i := 1; i < len(all) && n < len(out); i++ {
		d := digits[all[i]-'a']
		if d == '-' {
			continue
		}
		if d != '0' && d != last {
			out[n] = d
			n++
		}
		last = d
	}
	return string(out[:])
}

// latin keeps the letters a to z of a folded name.
func latin(s string) string {
	plain := func(r rune) bool { return r >= 'a' && r <= 'z' }
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if plain(r) {
			return r
		}
		return -1
	}, s)
}
