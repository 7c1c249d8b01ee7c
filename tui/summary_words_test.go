package tui

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/need"
	record "wardlight/internal/summary"
	"wardlight/internal/summary/summarytest"
)

// position matches the last row of the pane with a summary.
var position = regexp.MustCompile(`^│ Lines (\d+) to (\d+) of (\d+)\.`)

// scrolled returns the lines of the summary's sections, which it scrolls through by the pane's own keys. It fails if a
// line can't be reached, or if a screen has anything but text and styles.
func (b *modelTest) scrolled() []string {
	b.t.Helper()
	var lines []string
	for b.Press("home"); ; b.Press("pgdown") {
		if leak := leakIn(b.m.View().Content); leak != "" {
			b.t.Fatalf("the screen has %s", leak)
		}
		rows := b.rows()
		for i := range rows {
			rows[i] = strings.TrimSpace(rows[i])
		}
		last := slices.IndexFunc(rows, func(r string) bool { return strings.HasPrefix(r, "└") }) - 1
		rule := slices.IndexFunc(rows, func(r string) bool { return strings.HasPrefix(r, "│ ────") })
		if last < 0 || rule < 0 || !position.MatchString(rows[last]) {
			b.t.Fatalf("the position is not on the screen:\n%s", b.text())
		}

		var at [3]int
		for i, n := range position.FindStringSubmatch(rows[last])[1:] {
			at[i], _ = strconv.Atoi(n)
		}
		from, to, total := at[0], at[1], at[2]
		if from > len(lines)+1 || to <= len(lines) && to < total || last-rule-1 < to-from+1 {
			b.t.Fatalf("got lines %d to %d after %d lines:\n%s", from, to, len(lines), b.text())
		}
		for i, row := range rows[rule+1 : rule+1+to-from+1] {
			row = strings.TrimSuffix(strings.TrimPrefix(row, "│"), "│")
			if from+i > len(lines) {
				lines = append(lines, row)
			} else if lines[from+i-1] != row {
				b.t.Fatalf("line %d is %q, and was %q", from+i, row, lines[from+i-1])
			}
		}
		if to == total {
			return lines
		}
	}
}

// said returns what linear mode says of the summary, page by page.
func (h *linearTest) said(s client.Summary) string {
	h.t.Helper()
	h.summaries()
	h.sessions.summary = s
	h.card().types(code, tess.Digits())
	h.wait(time.Second)
	h.types("summary").wait(time.Second)
	h.Heard()
	h.types("1")
	all := h.Heard()
	for page := all; strings.Contains(page, "More lines follow: type page down."); all += page {
		h.types("page down")
		page = h.Heard()
	}
	return all
}

// maxScrolled is the maximum length of a summary in lines that a test scrolls through.
const maxScrolled = 3000

// requireSummaryWords checks that the words are shown on a screen of that size and in linear mode: those in open before
// the sections are unfolded, and all after that.
func requireSummaryWords(t *testing.T, cols, rows int, s client.Summary, open, all []string) {
	t.Helper()
	if len(s.Document.Lines(cols-6, time.UTC)) > maxScrolled {
		t.Skip("the summary is too long to scroll through")
	}
	b := newFixtureSize(t, cols, rows)
	b.unchecked = true // leakIn is checked instead
	b.toAsk()
	b.sessions.summary = s
	b.wait(time.Second).Press("1").deliver()
	for what, c := range map[string]struct {
		shown string
		words []string
	}{
		"folded":      {strings.Join(b.scrolled(), ""), open},
		"unfolded":    {strings.Join(b.Press("enter").scrolled(), ""), all},
		"linear mode": {hear(t).said(s), all},
	} {
		if word := summarytest.Lacking(summarytest.Solid(c.shown), c.words); word != "" {
			t.Errorf("%dx%d, %s: the word %q is not shown as often as the record has it", cols, rows, what, word)
		}
	}
}

// summaryWords returns the words of the XHTML of sections, and those of sections that are shown open. A section that is
// too large to be shown has none.
func summaryWords(sections []summarytest.Object) (open, all []string) {
	for _, s := range sections {
		read := summaryDocument(s).Document
		if slices.ContainsFunc(append(read.Sections, read.About...), func(s record.Section) bool {
			return s.State == record.Unreadable
		}) {
			continue
		}
		words, byHTML := summarytest.Words(s["text"].(summarytest.Object)["div"].(string))
		if len(words) == 0 {
			words = byHTML
		}
		all = append(all, words...)
		code, _ := s["code"].(summarytest.Object)["coding"].([]summarytest.Object)[0]["code"].(string)
		if (record.Section{Code: code}).Leading() {
			open = append(open, words...)
		}
	}
	return open, all
}

// anyOf returns sections for summaryDocument.
func anyOf(sections []summarytest.Object) []any {
	all := make([]any, len(sections))
	for i, s := range sections {
		all[i] = s
	}
	return all
}

// Every word of each hostile summary can be scrolled to, and is said in linear mode. Nothing else changes the screen.
func TestSummary_HostileWordsAreReachable(t *testing.T) {
	for _, c := range summarytest.Hostile() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			open, all := summaryWords(c.Sections)
			for _, size := range []struct{ cols, rows int }{{60, 20}, {80, 24}} {
				requireSummaryWords(t, size.cols, size.rows, summaryDocument(anyOf(c.Sections)...), open, all)
			}
		})
	}
}

// The last of 10,000 rows is at the end.
func TestSummary_ManyRows(t *testing.T) {
	b := newFixtureSize(t, 60, 20)
	b.toAsk()
	b.sessions.summary = summaryDocument(summarytest.Section("RepeatMedsHeader", "Current Repeat Medications",
		summarytest.Medicines(summarytest.ManyRows(10_000)...)))
	b.wait(time.Second).Press("1").deliver().Press("tab").expect("Medicine 1 5mg tablets").Press("tab").Press("pgup").
		expect("Medicine 10000 5mg tablets")
}

// Each word of the example of the NHS is shown.
func TestSummary_ExampleOfTheContract(t *testing.T) {
	body, err := os.ReadFile(need.Contract(t, "..", "scr/components/examples/GetScrBundle.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := record.Read(body, "9000000009", start())
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Entry []struct {
			Resource struct{ Section []summarytest.Object }
		}
	}
	if err := json.Unmarshal(body, &bundle); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range bundle.Entry {
		for _, s := range e.Resource.Section {
			div, _ := s["text"].(summarytest.Object)["div"].(string)
			words, _ := summarytest.Words(div)
			all = append(all, words...)
		}
	}
	if len(all) < 200 {
		t.Errorf("the example has %d words, want at least 200", len(all))
	}
	for _, size := range hostileSizes {
		requireSummaryWords(t, size.cols, size.rows, client.Summary{
			Number: tess, State: client.SummaryAvailable, Document: doc, AsOf: start(), RequestID: "r-7",
		}, nil, all)
	}
}

// With the longest author, the first allergy is still on the smallest screen, and with a notice the heading.
func TestSummary_LongAuthor(t *testing.T) {
	for _, notices := range [][]string{nil, {"The date of this summary is in the future: 20-Nov-2036."}} {
		b := newFixtureSize(t, 60, 20)
		b.toAsk()
		s := summaryDocument(hubtest.DefaultSections()...)
		s.Document.Author = strings.Repeat("Dr Tess Example, Example Surgery, ", 3)[:100]
		s.Document.Notices = notices
		b.sessions.summary = s
		b.wait(time.Second).Press("1").deliver().expect("Allergies and Adverse Reactions", "MORE BELOW")
		if notices == nil {
			b.expect("Allergy to penicillin")
		}
	}
}

// FuzzSummaryScreens shows any XHTML as the allergies and as a folded section of a summary. Every word of it must be on
// the smallest screen, where its keys scroll to, and in linear mode, and nothing that is neither text nor a style.
func FuzzSummaryScreens(f *testing.F) {
	for _, c := range summarytest.Hostile() {
		for _, s := range c.Sections {
			if div := s["text"].(summarytest.Object)["div"].(string); len(div) < 2000 {
				f.Add(div)
			}
		}
	}
	f.Fuzz(func(t *testing.T, div string) {
		div = strings.ToValidUTF8(div, "\ufffd")
		sections := []summarytest.Object{
			summarytest.Allergies(div), summarytest.Section("TreatmentsHeader", "Treatments", div),
		}
		open, all := summaryWords(sections)
		requireSummaryWords(t, 60, 20, summaryDocument(anyOf(sections)...), open, all)
	})
}

// labSummary returns the summary of a child of the lab, as that of tess.
func labSummary() client.Summary {
	for _, p := range people.Named(start()) {
		if p.Number() == people.OnPlan {
			doc, err := record.Read(p.Summary.Bundle, p.Number(), start())
			if err != nil {
				panic(err)
			}
			return client.Summary{
				Number: tess, State: client.SummaryAvailable, Document: doc, AsOf: start(), RequestID: "r-7",
			}
		}
	}
	panic("the child has no summary")
}
