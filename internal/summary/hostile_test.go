package summary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/summary"
	"wardlight/internal/summary/summarytest"
)

func TestLayout_Hostile(t *testing.T) {
	for _, c := range summarytest.Hostile() {
		t.Run(c.Name, func(t *testing.T) {
			s := read(t, c.Sections...)
			if c.Name != "missing and empty sections" {
				s.Sections = slices.DeleteFunc(s.Sections, func(x summary.Section) bool {
					return x.State == summary.Missing
				})
			}
			requireGolden(t, s)
			requireNoControls(t, s)
		})
	}
}

// Each of 10,000 rows is shown whole.
func TestLayout_EachOfManyRows(t *testing.T) {
	many := summarytest.Medicines(summarytest.ManyRows(10_000)...)
	s := read(t, section("RepeatMedsHeader", "Current Repeat Medications", many))
	requireRows(t, strings.Join(s.Linear(nil), "\n"), "\nRow %d. Type: ")
	for _, width := range widths {
		requireRows(t, inPane(s, width), "Medication Item: Medicine %d 5mg tablets")
	}
}

// requireRows checks that a layout has a text for each of 10,000 rows, in their order.
func requireRows(t *testing.T, layout, format string) {
	t.Helper()
	for i := 1; i <= 10_000; i++ {
		item := fmt.Sprintf(format, i)
		at := strings.Index(layout, item)
		if at < 0 {
			t.Fatalf("row %d is not shown as %q", i, item)
		}
		layout = layout[at+len(item)-1:]
	}
}

// A section that grows when it is laid out is not shown in part.
func TestRead_TextThatGrows(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for name, div := range map[string]string{
		"a cell for many rows": "<table><tr><td rowspan='9999'>" + long + strings.Repeat("<tr><td>"+
			"y", 9_000) + "</table>",
		"a long name of a column": "<table><tr><th>" + long + "</th></tr>" + strings.Repeat("<tr><td>y</td></tr>"+
			"", 9_000) +
			"</table>",
		"a long name in nested tables": "<table><tr><td>" + strings.Repeat("<table><tr><th>"+long+"</th></tr>"+
			strings.Repeat("<tr><td>y</td></tr>", 60)+"</table>", 2) + "</table>",
		"many columns": "<table><tr>" + strings.Repeat("<td>x</td>", 65) + "</table>",
		"many lines":   "<table><tr><td>" + strings.Repeat("x<br/>", 200_001) + "</table>",
		"much XHTML":   "<p>" + strings.Repeat("x", 4<<20),
	} {
		if got := read(t, allergies(div)).Sections[0]; got.State != summary.Unreadable || len(got.Blocks) > 0 {
			t.Errorf("%s: got state %d with %d blocks, want Unreadable and none", name, got.State, len(got.Blocks))
		}
	}
}
