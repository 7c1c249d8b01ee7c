package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"wardlight/internal/text"
)

func TestWrap(t *testing.T) {
	const acute = "\u0301"
	aaa := strings.Repeat("a"+acute, 3)
	family := "\U0001f469\u200d\U0001f469\u200d\U0001f466"
	for name, c := range map[string]struct {
		s     string
		cells int
		want  []string
	}{
		"combining marks":          {strings.Repeat("a"+acute, 5), 3, []string{aaa, aaa[:6]}},
		"marks after a wide one":   {"日" + acute + "本" + acute + "語", 4, []string{"日" + acute + "本" + acute, "語"}},
		"emoji sequences":          {strings.Repeat(family, 3), 4, []string{family + family, family}},
		"flags":                    {"🇬🇧🇫🇷🇩🇪", 5, []string{"🇬🇧🇫🇷", "🇩🇪"}},
		"wide characters":          {"日本語日本語", 5, []string{"日本", "語日", "本語"}},
		"wider than a line":        {"日本", 1, []string{"日", "本"}},
		"a mark on a space":        {"ab " + acute + "cd", 2, []string{"ab", " " + acute + "c", "d"}},
		"a number in a word":       {"Paracetamol500mg/125mg", 12, []string{"Paracetamol", "500mg/125mg"}},
		"a decimal in a word":      {"Levothyroxine0.125mg", 16, []string{"Levothyroxine", "0.125mg"}},
		"a number that is a word":  {"12345678", 3, []string{"123", "456", "78"}},
		"a number after a sign":    {"Haemoglobin≥120g", 13, []string{"Haemoglobin", "≥120g"}},
		"a power":                  {"Lymphocytes10^9/L", 13, []string{"Lymphocytes", "10^9/L"}},
		"spaces that do not break": {"take 5\u00a0mg or 6\u202fmg", 9, []string{"take 5\u00a0mg", "or 6\u202fmg"}},
		"blanks at the end":        {"abc   ", 3, []string{"abc"}},
		"blanks at the start":      {"  abcd", 5, []string{"abcd"}},
		"line ends":                {"a\nb c\n\nd", 3, []string{"a", "b c", "", "d"}},
	} {
		if got := text.Wrap(c.s, c.cells); !slices.Equal(got, c.want) {
			t.Errorf("%s: Wrap(%q, %d) = %q, want %q", name, c.s, c.cells, got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s           string
		left, right int
		want        string
	}{
		{"abcdef", 1, 3, "bc"},
		{"abc", 0, 9, "abc"},
		{"abc", 3, 9, ""},
		{"a\u0301b\u0301c", 1, 2, "b\u0301"},
		{"a\u0301b", 0, 1, "a\u0301"},
		{"日本語", 1, 5, " 本 "},
		{"日本語", 2, 4, "本"},
		{"", 0, 1, ""},
	} {
		if got := text.Cut(c.s, c.left, c.right); got != c.want {
			t.Errorf("Cut(%q, %d, %d) = %q, want %q", c.s, c.left, c.right, got, c.want)
		}
	}
}

// clusters returns the grapheme clusters of lines without blanks.
func clusters(lines ...string) (all []string) {
	for _, l := range lines {
		for l != "" {
			c, _ := ansi.FirstGraphemeCluster(l, ansi.GraphemeWidth)
			if r, size := utf8.DecodeRuneInString(c); size < len(c) || !unicode.IsSpace(r) {
				all = append(all, c)
			}
			l = l[len(c):]
		}
	}
	return all
}

// FuzzWrap breaks any text into lines of any width. Each grapheme cluster must be whole on one of them.
func FuzzWrap(f *testing.F) {
	for _, s := range append(slices.Clone(hostile), strings.Repeat("a\u0301", 20), "🇬🇧🇫🇷", "5-10 mg", "a b\u00a0c") {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, cells int) {
		s, cells = strings.ToValidUTF8(s, "\ufffd"), 2+cells&63
		for _, clean := range []bool{false, true} {
			if clean {
				s = text.Clean(s, 300)
			} else if strings.ContainsFunc(s, unicode.IsControl) {
				continue
			}
			lines := text.Wrap(s, cells)
			if got, want := clusters(lines...), clusters(s); !slices.Equal(got, want) {
				t.Fatalf("Wrap(%q, %d) has the clusters %q, want %q", s, cells, got, want)
			}
			for _, l := range lines {
				if text.Width(l) > cells {
					t.Fatalf("Wrap(%q, %d) has a line of %d cells: %q", s, cells, text.Width(l), l)
				}
			}
			if !clean {
				continue
			}
			width := text.Width(s)
			if got := text.Cut(s, 0, width); got != s {
				t.Fatalf("Cut(%q, 0, %d) = %q", s, width, got)
			}
			left := min(cells, width)
			if got := text.Width(text.Cut(s, left, width)); got > width-left {
				t.Fatalf("Cut(%q, %d, %d) has %d cells", s, left, width, got)
			}
		}
	})
}
