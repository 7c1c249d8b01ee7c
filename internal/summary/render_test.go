package summary_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/exp/golden"
	"golang.org/x/net/html"

	"wardlight/internal/summary"
	"wardlight/internal/text"
)

// The widths of panes in the golden files.
var widths = []int{58, 78, 118}

// maxGolden is the number of lines of a layout that a golden file has.
const maxGolden = 120

// requireGolden compares the summary in panes of each width and in lines with the golden file.
func requireGolden(t *testing.T, s summary.Summary) {
	t.Helper()
	var b strings.Builder
	for _, width := range widths {
		fmt.Fprintf(&b, "=== %d cells\n", width)
		lines := s.Lines(width, time.UTC)
		for i, l := range lines {
			if i == maxGolden {
				fmt.Fprintf(&b, "... %d lines\n", len(lines))
			}
			if w := text.Width(l.Text); w > width {
				t.Errorf("a line has %d cells, want at most %d: %q", w, width, l.Text)
			}
			if i < maxGolden {
				b.WriteString(marks[l.Kind] + l.Text + "\n")
			}
		}
	}
	linear := s.Linear(time.UTC)
	fmt.Fprintf(&b, "=== %d lines\n%s\n", len(linear), strings.Join(linear[:min(len(linear), maxGolden)], "\n"))
	golden.RequireEqual(t, []byte(b.String()))
}

// marks shows the kind of a line in a golden file.
var marks = map[summary.Kind]string{summary.Plain: " ", summary.Heading: "#", summary.Columns: "=", summary.Notice: "!"}

// requireWords checks that every word of the sections' XHTML is in the summary, at each width and in lines.
func requireWords(t *testing.T, answer []byte, s summary.Summary) {
	t.Helper()
	var bundle struct {
		Entry []struct {
			Resource struct {
				Section []struct{ Text struct{ Div string } }
			}
		}
	}
	if err := json.Unmarshal(answer, &bundle); err != nil {
		t.Fatal(err)
	}

	shown := layouts(s)
	for _, e := range bundle.Entry {
		for _, section := range e.Resource.Section {
			for _, word := range wordsOf(t, section.Text.Div) {
				for i, out := range shown {
					if !strings.Contains(out, word) {
						t.Errorf("layout %d: the word %q of the record is not shown", i, word)
					}
				}
			}
		}
	}
}

// requireNoControls checks that nothing that is shown controls a terminal.
func requireNoControls(t testing.TB, s summary.Summary) {
	t.Helper()
	lines := s.Linear(time.UTC)
	for _, width := range widths {
		for _, l := range s.Lines(width, time.UTC) {
			lines = append(lines, l.Text)
		}
	}
	for _, l := range lines {
		if clean := text.Clean(l, len(l)+1); clean != l {
			t.Fatalf("the line %q has characters that are not safe to show", l)
		}
	}
}

// layouts returns the letters and digits of the summary in lines and at each width. A word that continues on the next
// line is whole in them.
func layouts(s summary.Summary) []string {
	out := []string{solid(strings.Join(s.Linear(time.UTC), " "))}
	for _, pane := range panes(s) {
		out = append(out, solid(pane))
	}
	return out
}

// panes returns the summary in panes of each width.
func panes(s summary.Summary) (out []string) {
	for _, width := range widths {
		out = append(out, inPane(s, width))
	}
	return out
}

// inPane returns the summary in a pane.
func inPane(s summary.Summary, width int) string {
	var b strings.Builder
	for _, l := range s.Lines(width, time.UTC) {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// solid returns the letters and digits of s, which depend on no other character.
func solid(s string) string {
	return strings.Map(func(c rune) rune {
		if c == 0x0e33 || c == 0x0eb3 { // letters that join the one before, if there is one
			return -1
		}
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return -1
	}, s)
}

// wordsOf returns the letters and digits of each word of XHTML, between its tags.
func wordsOf(t testing.TB, div string) []string {
	t.Helper()
	var words []string
	z := html.NewTokenizer(strings.NewReader(div))
	for raw := false; ; {
		switch z.Next() {
		case html.ErrorToken:
			return words
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			raw = isRaw(string(name))
		case html.TextToken:
			for _, word := range strings.Fields(string(z.Text())) {
				if word = solid(text.Clean(word, len(word)+1)); word != "" && !raw {
					words = append(words, word)
				}
			}
			raw = false
		default:
			raw = false
		}
	}
}

// isRaw reports whether the content of an element is text with its markup for the tokenizer. That of a script and a
// style sheet isn't shown.
func isRaw(name string) bool {
	return slices.Contains([]string{
		"iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp",
	}, name)
}
