package trace

import "strings"

// Soundex returns the American Soundex code of a folded name (US National Archives): its first letter and three
// digits. It returns "" for a name without a letter from a to z.
func Soundex(name string) string {
	letters := latin(name)
	if letters == "" {
		return ""
	}
	c := coder{last: digits[letters[0]-'a']}
	c.begin(letters[0])
	for i := 1; i < len(letters) && !c.full(); i++ {
		c.add(letters[i])
	}
	return string(c.code[:])
}

// Sound returns a code that names with the same sound share. It is like Soundex of the spoken form: silent letters are
// omitted, and the first letter stands for its sound. So Catherine and Katherine, Philip and Filip, Geoffrey and
// Jeffrey, Vaughan and Vaughn, Shaun and Sean have the same code. A name in another script is its own code.
func Sound(name string) string {
	letters := latin(name)
	if letters == "" {
		return name
	}
	c := spoken(letters)
	return string(c[:])
}

// soundAlike reports whether two names have the same code. It doesn't allocate for names in a to z.
func soundAlike(a, b string) bool {
	x, y := latin(a), latin(b)
	if x == "" || y == "" {
		return a == b
	}
	if mayOpen[x[0]-'a']&mayOpen[y[0]-'a'] == 0 {
		return false // true of nearly all pairs
	}
	first, rest := opening(x)
	other, others := opening(y)
	return first == other && codeOf(first, rest) == codeOf(other, others)
}

// spoken returns the code of a name in a to z.
func spoken(letters string) [4]byte { return codeOf(opening(letters)) }

// codeOf returns the code of a name with that spoken first letter and the written rest. It omits silent letters: gh,
// the t of tch, the d of dg. It reads ph as f.
func codeOf(first byte, rest string) [4]byte {
	c := coder{last: digits[first-'a']}
	c.begin(first)

	for i := 0; i < len(rest) && !c.full(); i++ {
		next := byte(0)
		if i+1 < len(rest) {
			next = rest[i+1]
		}

		switch x := rest[i]; {
		case x == 'g' && next == 'h':
			i++
		case x == 't' && next == 'c' && i+2 < len(rest) && rest[i+2] == 'h':
		case x == 'd' && next == 'g':
			c.add('g')
			i++ // this g isn't part of a gh
		case x == 'p' && next == 'h':
			c.add('f')
			i++
		default:
			c.add(x)
		}
	}

	return c.code
}

// opening returns the first letter of the name as spoken, and the rest as written.
func opening(s string) (byte, string) {
	for i := range openings {
		o := &openings[i]
		if o.written[0] != s[0] { // true of nearly all entries
			continue
		}
		rest, ok := strings.CutPrefix(s, o.written)
		if ok && (o.before == "" || rest != "" && strings.IndexByte(o.before, rest[0]) >= 0) {
			return o.spoken, rest
		}
	}
	return s[0], s[1:]
}

// openings are written beginnings of names with the spoken first letter. The first match applies.
var openings = []struct {
	written string
	before  string // the letter after it must be one of these; "" for any
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

// mayOpen has, for each written first letter, a bit set of the spoken first letters that are possible.
var mayOpen = func() (all [26]uint32) {
	for letter := range all {
		all[letter] = 1 << letter
	}
	for _, o := range openings {
		all[o.written[0]-'a'] |= 1 << (o.spoken - 'a')
	}
	return all
}()

// digits are the Soundex codes of a to z. A letter with 0 has no code and separates equal codes; one with - has no
// code and doesn't separate them.
const digits = "0123012-02245501262301-202"

// coder builds a code from letters: the first one, and the digits of the following ones.
type coder struct {
	code [4]byte
	n    int
	last byte // the digit of the previous letter, which isn't repeated
}

func (c *coder) begin(first byte) { c.code, c.n = [4]byte{first, '0', '0', '0'}, 1 }

func (c *coder) full() bool { return c.n == len(c.code) }

func (c *coder) add(letter byte) {
	d := digits[letter-'a']
	if d == '-' {
		return
	}
	if d != '0' && d != c.last && !c.full() {
		c.code[c.n] = d
		c.n++
	}
	c.last = d
}

// latin returns the letters a to z of a folded name.
func latin(s string) string {
	for i := range len(s) {
		if s[i] >= 'a' && s[i] <= 'z' {
			continue
		}
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, s)
	}
	return s
}
