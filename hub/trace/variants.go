package trace

import (
	_ "embed"
	"slices"
	"strings"

	"wardlight/hub/store"
)

//go:embed diminutives.txt
var diminutives string

// variants are groups of given names that stand for one another: Bob for Robert, Kasia for Katarzyna.
type variants struct {
	circles map[string][]int // the groups of a name
	names   [][]string       // the names of a group
}

// readVariants reads a table with a group of folded names on each line. Lines that begin with # are comments.
func readVariants(table string) variants {
	v := variants{circles: make(map[string][]int)}
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		circle := len(v.names)
		v.names = append(v.names, strings.Fields(line))
		for _, name := range v.names[circle] {
			if !slices.Contains(v.circles[name], circle) {
				v.circles[name] = append(v.circles[name], circle)
			}
		}
	}
	return v
}

// related reports whether one folded name may stand for the other.
func (v variants) related(a, b string) bool {
	for _, c := range v.circles[a] {
		if slices.Contains(v.circles[b], c) {
			return true
		}
	}
	return false
}

// ShortForm reports whether one of two folded given names is a known short form of the other, or its spelling in
// another language: Tess and Theresa, Bob and Robert (diminutives.txt).
func (s *Service) ShortForm(a, b string) bool { return s.variants.related(a, b) }

// all returns the name and its variants.
func (v variants) all(name string) []string {
	names := []string{name}
	for _, c := range v.circles[name] {
		names = append(names, v.names[c]...)
	}
	return names
}

// sounds returns the codes of the name and its variants, without duplicates.
func (v variants) sounds(name string) []string {
	var codes []string
	for _, n := range v.all(name) {
		codes = append(codes, Sound(n))
	}
	return distinct(codes)
}

// ends returns the ends of the name and its variants.
func (v variants) ends(name string) store.Ends {
	var ends store.Ends
	for _, n := range v.all(name) {
		ends |= endsOf(n)
	}
	return ends
}
