package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"wardlight/internal/text"
)

func TestCells(t *testing.T) {
	for _, c := range []struct {
		s     string
		width int
	}{{"", 0}, {"abc", 3}, {"Siân", 4}, {"Sia\u0302n", 4}, {"日本", 4}, {"␛�…", 3}, {"\x1b[1mbold\x1b[0m", 4}} {
		if got := text.Width(c.s); got != c.width {
			t.Errorf("Width(%q) = %d, want %d", c.s, got, c.width)
		}
	}

	for _, c := range []struct {
		s     string
		cells int
		want  string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdef", 5, "abcd…"},
		{"abcdef", 1, "…"},
		{"abcdef", 0, ""},
		{"abc", -1, ""},
		{"日本語", 4, "日…"},
	} {
		if got := text.Truncate(c.s, c.cells); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.s, c.cells, got, c.want)
		}
	}

	for _, c := range []struct {
		s     string
		cells int
		want  string
	}{{"ab", 4, "ab  "}, {"日", 4, "日  "}, {"abcd", 2, "abcd"}, {"", 0, ""}, {"a", -3, "a"}} {
		if got := text.Pad(c.s, c.cells); got != c.want {
			t.Errorf("Pad(%q, %d) = %q, want %q", c.s, c.cells, got, c.want)
		}
	}

	for _, c := range []struct {
		s     string
		cells int
		want  []string
	}{
		{"", 5, []string{""}},
		{"a child protection plan", 10, []string{"a child", "protection", "plan"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"as it is", 0, []string{"as it is"}},
	} {
		if got := text.Wrap(c.s, c.cells); !slices.Equal(got, c.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.s, c.cells, got, c.want)
		}
	}
}

// Width must return the same as ansi.StringWidth for any input; it is only faster.
func FuzzWidth(f *testing.F) {
	for _, s := range append(slices.Clone(hostile), "plain", "┌─ Title ─┐│x│", "│\u0301", "a\u0301",
		"\x1b[1;7mALERT\x1b[m ╔══╗", "\x1b[", "\x1b[1", "\x1b[?25l", "\xe2\x94", "\u0600a", "🇬🇧x") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := text.Width(s), ansi.StringWidth(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	})
}

func FuzzFit(f *testing.F) {
	f.Add("a child protection plan", 7)
	f.Add("日本語 x", 2)
	f.Add(" 000000000", 7) // ansi.Wrap made this line with a leading blank too long

	f.Fuzz(func(t *testing.T, s string, cells int) {
		s, cells = text.Clean(s, 200), 2+(cells&63)
		if got := text.Truncate(s, cells); text.Width(got) > cells {
			t.Fatalf("Truncate(%q, %d) = %q with %d cells", s, cells, got, text.Width(got))
		}
		if got := text.Width(text.Pad(s, cells)); got != max(cells, text.Width(s)) {
			t.Fatalf("Pad(%q, %d) has %d cells, want %d", s, cells, got, max(cells, text.Width(s)))
		}
		lines := text.Wrap(s, cells)
		for _, l := range lines {
			if text.Width(l) > cells {
				t.Fatalf("Wrap(%q, %d) has a line of %d cells: %q", s, cells, text.Width(l), l)
			}
		}
		if got, want := letters(strings.Join(lines, "")), letters(s); got != want {
			t.Fatalf("Wrap(%q, %d) has the text %q, want %q", s, cells, got, want)
		}
	})
}

// letters returns s without blanks, which Wrap may drop at a break.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
