package summary_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"wardlight/internal/summary"
	"wardlight/internal/summary/summarytest"
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

	var words []string
	for _, e := range bundle.Entry {
		for _, section := range e.Resource.Section {
			byXML, byHTML := summarytest.Words(section.Text.Div)
			if len(byXML) == 0 || len(byHTML) == 0 {
				t.Errorf("the section %.40s has no words", section.Text.Div)
			}
			words = append(words, byXML...)
		}
	}
	requireShown(t, s, words)
}

// requireShown checks that each layout has the words as often as they are given.
func requireShown(t *testing.T, s summary.Summary, words []string) {
	t.Helper()
	for i, out := range layouts(s) {
		if word := summarytest.Lacking(out, words); word != "" {
			t.Errorf("layout %d: the word %q of the record is not shown as often as it is there", i, word)
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
	out := []string{summarytest.Solid(strings.Join(s.Linear(time.UTC), " "))}
	for _, pane := range panes(s) {
		out = append(out, summarytest.Solid(pane))
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

// Cells that fit share a line, but not a cell whose text has a gap like that between two cells.
func TestLayout_CellsShareALine(t *testing.T) {
	columns := "<table><tr><th>Date</th><th>Description</th><th>Certainty</th><th>Severity</th><th>Supporting " +
		"Information</th></tr>"
	s := read(t, allergies(columns+"<tr><td>22-Nov-2024</td><td>Allergy to penicillin</td><td>Certain</td>"+
		"<td>Severe</td><td>Anaphylaxis</td></tr>"+
		"<tr><td>1-Nov-2024</td><td>Latex&#160;&#160; &#160;Severity: Mild</td>"+
		"<td>Certain</td><td>Severe</td><td>A long text about what happened when the patient had it</td></tr></table>"))
	want := "Date: 22-Nov-2024   Description: Allergy to penicillin\n" +
		"Certainty: Certain   Severity: Severe\n" +
		"Supporting Information: Anaphylaxis\n\n" +
		"Date: 1-Nov-2024\n" +
		"Description: Latex    Severity: Mild\n" +
		"Certainty: Certain   Severity: Severe\n" +
		"Supporting Information: A long text about what\n" +
		"    happened when the patient had it"
	var got []string
	for _, l := range s.Sections[0].Lines(56) {
		got = append(got, l.Text)
	}
	if got := strings.Join(got, "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
