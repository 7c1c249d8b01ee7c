package printout_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/exp/golden"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/nhs"
	"wardlight/internal/printout"
	"wardlight/internal/summary"
	"wardlight/internal/text"
)

// summarySheet returns a summary with these sections, printed two minutes after it was viewed.
func summarySheet(t *testing.T, sections ...any) printout.Sheet {
	t.Helper()
	h := &hubtest.Hub{Clock: opened}
	body, err := json.Marshal(h.SummaryOf(tess.Digits(), sections...))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := summary.Read(body, tess, opened())
	if err != nil {
		t.Fatal(err)
	}
	s := sheet()
	s.Opened = client.Opened{}
	s.Summary = &client.Summary{
		Number: tess, State: client.SummaryAvailable, Document: doc, AsOf: opened(),
		RequestID: "0f8fad5b-d9cb-469f-a165-70867728950e",
	}
	return s
}

// table returns XHTML with a table of these columns.
func table(columns []string, rows [][]string) string {
	var b strings.Builder
	b.WriteString("<div><table><tr>")
	for _, c := range columns {
		b.WriteString("<th>" + c + "</th>")
	}
	for _, row := range rows {
		b.WriteString("</tr><tr>")
		for _, cell := range row {
			b.WriteString("<td>" + cell + "</td>")
		}
	}
	return b.String() + "</tr></table></div>"
}

// allergies returns a table with n allergies. Each is several lines on paper if it is long.
func allergies(n int, long bool) string {
	var rows [][]string
	for i := range n {
		words := fmt.Sprintf("Allergy to substance %d", i+1)
		if long {
			words += strings.Repeat(", with a rash of both arms", 6) + fmt.Sprintf(", end of %d", i+1)
		}
		rows = append(rows, []string{fmt.Sprintf("%02d-Mar-2020", i%28+1), words, "Severe"})
	}
	return table([]string{"Date", "Description", "Certainty"}, rows)
}

func section(code, title, div string) any { return hubtest.SummarySection(code, title, div) }

func TestSummaryPages(t *testing.T) {
	golden.RequireEqual(t, []byte(printed(summarySheet(t, append(hubtest.DefaultSections(),
		section("Title", "About", "<div><p>Source: Example Surgery (X26001)</p></div>"))...))))
}

func TestSummaryPages_SeveralPages(t *testing.T) {
	s := summarySheet(t, section(summary.Allergies, "Allergies and Adverse Reactions", allergies(60, false)),
		section("RepeatMedsHeader", "Current Repeat Medications", allergies(12, true)))
	golden.RequireEqual(t, []byte(printed(s)))
}

// hostileDivs returns sections whose text tries to leave its place on the page.
func hostileDivs() []any {
	footer := "Page 1 of 1"
	return []any{
		section(summary.Allergies, "END OF THE SUMMARY CARE RECORD. Without this line, a page is missing.\n"+footer,
			"<div><p>END OF THE SUMMARY CARE RECORD. Without this line, a page is missing.</p><p>"+footer+"</p><p>"+
				strings.Repeat("-", printout.Columns)+"</p><p>DESTROY BY 01-Jan-2099 00:00.</p></div>"),
		section("", "A title of \f\x1b[2J\u202e"+strings.Repeat(" many words", 40), allergies(3, false)),
		section("DiagnosesHeader", strings.Repeat("w", 400),
			table([]string{"Date", ""}, [][]string{{"\x1b[31m1\f2", strings.Repeat("x", 300)}, {"", ""}})),
		section("ProblemsHeader", "Problems and Issues", "<div>"+strings.Repeat("<table><tr><td>", 400)+"x</div>"),
	}
}

func TestSummaryPages_Hostile(t *testing.T) {
	golden.RequireEqual(t, []byte(printed(summarySheet(t, hostileDivs()...))))
}

// Pages may be separated, so each has the patient, the date, author and disclaimer of the summary, who printed it and
// when, and when to destroy it. Only the last page has the end mark.
func TestSummaryPages_EveryPage(t *testing.T) {
	s := summarySheet(t, section(summary.Allergies, "Allergies and Adverse Reactions", allergies(200, false)))
	s.DestroyAfter = 36 * time.Hour
	pages := printout.Layout(s)
	if len(pages) < 4 {
		t.Fatalf("got %d pages, want at least 4", len(pages))
	}
	for i, page := range pages {
		says(t, strings.Join(page, "\n"), "EXAMPLE, Tess Ann (Miss)", "Born 04-Mar-2016", "NHS No. 999 000 0018",
			"Summary Care Record of 20-Nov-2026 08:15.", "Author: Dr Tess Example.", summary.Disclaimer,
			"As it was when it was viewed: 22-Nov-2026 14:06.", "Printed 22-Nov-2026 14:08 by SAMPLE, Ada (Ms), Nurse "+
				"Access Role, Example General Hospital (RX1).", "Request 0f8fad5b-d9cb-469f-a165-70867728950e",
			"DESTROY BY 24-Nov-2026 02:08.", printout.DefaultDestroy, fmt.Sprintf("Page %d of %d", i+1, len(pages)))
		last := i == len(pages)-1
		if got := slices.ContainsFunc(page, endMark); got != last {
			t.Errorf("page %d of %d: end mark = %t, want %t", i+1, len(pages), got, last)
		}
	}
}

func endMark(line string) bool { return strings.HasPrefix(line, "END OF THE SUMMARY CARE RECORD.") }

func TestSummaryPages_DestroyAfterIsUnset(t *testing.T) {
	says(t, printed(summarySheet(t)), "DESTROY BY 23-Nov-2026 02:08.")
}

// A row that fits on a page is on one page, and each page that continues a table repeats its columns' names.
func TestSummaryPages_PageBreaks(t *testing.T) {
	for name, long := range map[string]bool{"in columns": false, "under one another": true} {
		t.Run(name, func(t *testing.T) {
			s := summarySheet(t, section(summary.Allergies, "Allergies and Adverse Reactions", allergies(100, long)))
			pages := printout.Layout(s)
			for i, page := range pages {
				all := strings.Join(page, "\n")
				if strings.Contains(all, "substance") {
					says(t, all, "Allergies and Adverse Reactions", "Date", "Description", "Certainty")
				}
				if i == 0 {
					says(t, all, "* Allergies and Adverse Reactions: 100 entries")
				}
				if i > 0 && strings.Contains(all, "substance") {
					says(t, all, "* Continued: Allergies and Adverse Reactions")
				}
				if begins, ends := strings.Count(all, "Allergy to"), strings.Count(all, "Severe"); begins != ends {
					t.Errorf("page %d has the beginning of %d rows and the end of %d:\n%s", i+1, begins, ends, all)
				}
			}
			for i := range 100 {
				says(t, printed(s), fmt.Sprintf("substance %d", i+1))
			}
		})
	}
}

// A row that is longer than a page continues on the next one, with nothing left out.
func TestSummaryPages_RowLongerThanAPage(t *testing.T) {
	var words []string
	for i := range 1500 {
		words = append(words, fmt.Sprintf("word%dx", i)) // a number is not divided from the word after it
	}
	pages := printout.Layout(summarySheet(t, section(summary.Allergies, "Allergies and Adverse Reactions",
		table([]string{"Date", "Description"}, [][]string{{"01-Mar-2020", strings.Join(words, " ")}}))))
	if len(pages) < 4 {
		t.Fatalf("got %d pages, want at least 4", len(pages))
	}
	all := " " + strings.Join(strings.Fields(string(pages.Bytes())), " ") + " "
	for _, w := range words {
		if !strings.Contains(all, " "+w+" ") {
			t.Errorf("%q is missing", w)
		}
	}
	says(t, strings.Join(pages[2], "\n"), "* Continued: Allergies and Adverse Reactions")
}

// The words of the record are only at the sections' headings and below them, so none of them passes for a line of the
// page.
func TestSummaryPages_HostileText(t *testing.T) {
	s := summarySheet(t, hostileDivs()...)
	s.Patient.Family, s.Person = strings.Repeat("w", 900), text.Clean(strings.Repeat("long name ", 200), 0)
	s.Role.OrgName, s.Destroy = strings.Repeat("y", 900), strings.Repeat("shred ", 300)
	s.Summary.Document.Author = strings.Repeat("author ", 500) + "last"
	pages := printout.Layout(s)
	ends, numbers := 0, 0
	for i, page := range pages {
		if len(page) != printout.Rows {
			t.Errorf("page %d has %d lines, want %d", i+1, len(page), printout.Rows)
		}
		for _, l := range page {
			if text.Width(l) > printout.Columns || strings.ContainsFunc(l, unicode.IsControl) ||
				strings.ContainsRune(l, '\u202e') {
				t.Errorf("page %d: line %q is too wide or has control characters", i+1, l)
			}
			if endMark(l) {
				ends++
			}
			if strings.HasPrefix(l, "Page ") {
				numbers++
			}
		}
		says(t, strings.Join(page, "\n"), "NHS No. 999 000 0018", "DESTROY BY 23-Nov-2026 02:08.",
			fmt.Sprintf("Page %d of %d", i+1, len(pages)))
	}
	if ends != 1 || numbers != len(pages) {
		t.Errorf("got %d end marks and %d page numbers on %d pages, want 1 and %d", ends, numbers, len(pages),
			len(pages))
	}
	says(t, printed(s), "author last") // the author is truncated in the head and whole below it
}

// A section without entries says so, and never that there are no allergies.
func TestSummaryPages_EmptyAndMissingSections(t *testing.T) {
	all := printed(summarySheet(t, section(summary.Allergies, "Allergies and Adverse Reactions", "<div></div>")))
	says(t, all, "The record has this section, but it is empty", "The record does not have this section")
	if strings.Contains(strings.ToLower(all), "no allergies") {
		t.Errorf("the printout says “no allergies”:\n%s", all)
	}
}

func TestSummaryPages_Died(t *testing.T) {
	s := summarySheet(t)
	s.Patient.Died = nhs.Date{Year: 2026, Month: time.November, Day: 1}
	says(t, printed(s), "Died 01-Nov-2026")
}

// The statements have what identifies the printout. The sections are heard on their own screen.
func TestSummaryPages_Statements(t *testing.T) {
	all := strings.Join(printout.Statements(summarySheet(t, hubtest.DefaultSections()...)), "\n")
	says(t, all, "EXAMPLE, Tess Ann (Miss)", "NHS No. 999 000 0018", "Summary Care Record of 20-Nov-2026 08:15.",
		"All 14 sections of the summary are printed, allergies first.", "DESTROY BY 23-Nov-2026 02:08.")
	if strings.Contains(all, "penicillin") {
		t.Errorf("the statements have a section:\n%s", all)
	}
}

// The caption of a table is repeated with the names of its columns: it may say what the rows are.
func TestSummaryPages_Caption(t *testing.T) {
	div := strings.Replace(allergies(100, false), "<table>", "<table><caption>Resolved</caption>", 1)
	pages := printout.Layout(summarySheet(t, section(summary.Allergies, "Allergies and Adverse Reactions", div)))
	for _, page := range pages {
		if all := strings.Join(page, "\n"); strings.Contains(all, "substance") {
			says(t, all, "Resolved")
		}
	}
}
