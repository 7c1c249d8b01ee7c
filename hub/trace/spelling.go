package trace

import (
	"slices"
	"strings"
	"unicode"
)

// word is a name in the form in which it is compared: its folded parts ("smith", "jones" of Smith-Jones), and all in
// one.
type word struct {
	whole string
	parts []string
}

// spelling is a family name with its given names.
type spelling struct {
	family word
	given  []word
}

// Words returns the folded parts of a name, which spaces and hyphens of every kind separate, without empty ones.
func Words(name string) []string {
	var parts []string
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)
	}) {
		if f := Fold(part); f != "" {
			parts = append(parts, f)
		}
	}
	return parts
}

// wordOf returns a name in the form in which it is compared.
func wordOf(name string) word {
	parts := Words(name)
	return word{whole: strings.Join(parts, ""), parts: parts}
}

// spell returns the spelling of names as written. A given name of several words counts as several names.
func spell(family string, given []string) spelling {
	s := spelling{family: wordOf(family)}
	for _, g := range given {
		for one := range strings.FieldsSeq(g) {
			if w := wordOf(one); w.whole != "" {
				s.given = append(s.given, w)
			}
		}
	}
	return s
}

// String encodes the spelling for the store: "smith-jones anne-marie louise". A missing family name is "-".
func (s spelling) String() string {
	words := make([]string, 0, 1+len(s.given))
	family := strings.Join(s.family.parts, "-")
	if family == "" {
		family = "-"
	}
	words = append(words, family)
	for _, g := range s.given {
		words = append(words, strings.Join(g.parts, "-"))
	}
	return strings.Join(words, " ")
}

// readSpelling decodes what String has encoded. It reuses the buffer given for the given names.
func readSpelling(line string, given []word) spelling {
	family, rest, _ := strings.Cut(line, " ")
	s := spelling{family: readWord(family), given: given[:0]}
	for rest != "" {
		var g string
		if g, rest, _ = strings.Cut(rest, " "); g != "" {
			s.given = append(s.given, readWord(g))
		}
	}
	return s
}

func readWord(w string) word {
	if strings.IndexByte(w, '-') < 0 {
		return word{whole: w}
	}
	parts := slices.DeleteFunc(strings.Split(w, "-"), func(p string) bool { return p == "" })
	return word{whole: strings.Join(parts, ""), parts: parts}
}

// particles are parts of names that don't distinguish names.
var particles = []string{
	"al", "el", "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le", "van", "von", "der", "den", "ter",
	"bin", "ibn", "bint", "ben",
	"abu", "abd", "st", "san", "mac", "mc", "ap", "o", "y", "e",
}

// distinctive returns the parts that distinguish a name: those that aren't particles, or all if there is only one.
func (w word) distinctive() []string {
	if len(w.parts) < 2 {
		return nil
	}
	var all []string
	for _, p := range w.parts {
		if !slices.Contains(particles, p) {
			all = append(all, p)
		}
	}
	return all
}

// sounds returns the codes under which the name is stored: of the whole name, and of each distinguishing part.
func (w word) sounds() []string {
	var all []string
	for _, name := range w.names() {
		if s := Sound(name); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
