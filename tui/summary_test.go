package tui

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"wardlight/client"
	"wardlight/client/hubtest"
	record "wardlight/internal/summary"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/summary"
)

// summaryNurse returns the nurse's role with codes for Summary Care Records.
func summaryNurse(codes ...rbac.ActivityCode) rbac.RoleProfile {
	r := nurse()
	r.Activities = append(slices.Clone(r.Activities), codes...)
	return r
}

// summaryDocument returns a summary with sections.
func summaryDocument(sections ...any) client.Summary { return summaryReadAt(start(), sections...) }

// summaryReadAt is like summaryDocument, at another time.
func summaryReadAt(now time.Time, sections ...any) client.Summary {
	h := &hubtest.Hub{Clock: start}
	body, err := json.Marshal(h.SummaryOf(tess.Digits(), sections...))
	if err != nil {
		panic(err)
	}
	doc, err := record.Read(body, tess, now)
	if err != nil {
		panic(err)
	}
	return client.Summary{
		Number: tess, State: client.SummaryAvailable, Document: doc, AsOf: start(), RequestID: "r-7",
	}
}

// summaries adds all codes for summaries to the nurse's role, and a summary of tess.
func (b *modelTest) summaries() *modelTest {
	b.sessions.summary = summaryDocument(hubtest.DefaultSections()...)
	r := summaryNurse(rbac.ViewSummary, rbac.EmergencyAccess)
	return roles(b, []rbac.RoleProfile{r}, []rbac.RoleProfile{r})
}

// toAsk signs in, shows tess and asks for her summary.
func (b *modelTest) toAsk() *modelTest {
	return b.summaries().toPatient(tess).wait(time.Second).Press("s")
}

// toSummary shows the summary of tess with her permission.
func (b *modelTest) toSummary() *modelTest { return b.toAsk().wait(time.Second).Press("1").deliver() }

// unavailable shows that there is no summary for the given reason.
func (b *modelTest) unavailable(state client.SummaryState, err error) *modelTest {
	b.toAsk()
	b.sessions.summary = client.Summary{Number: tess, State: state, Err: err}
	return b.wait(time.Second).Press("1").deliver()
}

func summaryStates() []state {
	return []state{
		{"summary-offered", func(b *modelTest) { b.summaries().toPatient(tess) }},
		{"summary-ask", func(b *modelTest) { b.toAsk() }},
		{"summary-ask-reason", func(b *modelTest) { b.toAsk().wait(time.Second).Press("2").Typed("unconscious") }},
		{"summary-ask-no-reason", func(b *modelTest) {
			b.toAsk().wait(time.Second).Press("2").wait(time.Second).Press("enter")
		}},
		{"summary-asking", func(b *modelTest) { b.toAsk().wait(time.Second).Press("1") }},
		{"summary", func(b *modelTest) { b.toSummary() }},
		{"summary-unfolded", func(b *modelTest) { b.toSummary().Press("enter", "end") }},
		{"summary-next-section", func(b *modelTest) { b.toSummary().Press("tab") }},
		{"summary-none", func(b *modelTest) { b.unavailable(client.SummaryNone, nil) }},
		{"summary-not-permitted", func(b *modelTest) { b.unavailable(client.SummaryNotPermitted, nil) }},
		{"summary-outdated", func(b *modelTest) { b.unavailable(client.SummaryOutdated, nil) }},
		{"summary-refused", func(b *modelTest) {
			b.unavailable(client.SummaryRefused, &client.Error{Kind: client.SummaryAccessControlled, Status: 420})
		}},
		{"summary-could-not-check", func(b *modelTest) {
			b.unavailable(client.SummaryCouldNotCheck, &client.Error{Kind: client.TimedOut})
		}},
		{"summary-not-held", func(b *modelTest) {
			b.unavailable(client.SummaryNotChecked, &client.Error{Kind: client.SummariesNotHeld, Status: 501})
		}},
	}
}

// Without B0370 the key is not offered.
func TestSummary_RoleWithoutTheCode(t *testing.T) {
	b := newFixture(t)
	b.sessions.summary = summaryDocument(hubtest.DefaultSections()...)
	b.toPatient(tess).wait(time.Second).expectNot("s summary").Press("s").deliver().expectNot("Permission to view").
		expectNoCall("summary ")
}

// A role without B0168 or B0082 can't answer so, and the screen says what it lacks.
func TestSummary_RoleWithoutEmergencyAndLaw(t *testing.T) {
	b := newFixture(t)
	b.summaries()
	r := summaryNurse(rbac.ViewSummary)
	roles(b, []rbac.RoleProfile{r}, []rbac.RoleProfile{r}).toPatient(tess).wait(time.Second).Press("s").
		expect("lacks B0168", "lacks B0082")
	for _, key := range []string{"2", "3", "4", "5"} {
		b.wait(2 * time.Second).Press(key).deliver().expect("this role lacks").expectNot("Reason ")
	}
	b.expectNoCall("summary ")
}

func TestSummary_PermissionOfThePatient(t *testing.T) {
	b := newFixture(t)
	b.toSummary().expect("Allergy to penicillin", "20-Nov-2026", "It may not include everything", "EXAMPLE, Tess",
		"MORE BELOW")
	b.expectCalls("summary "+tess.Digits()+" patient  ", 1)
}

// A key that is held down or typed ahead is no permission.
func TestSummary_KeyHeldOrTypedAhead(t *testing.T) {
	b := newFixture(t)
	b.summaries().toPatient(tess).wait(time.Second).hold("1", time.Second)
	b.Press("s", "1", "2").expect("Permission to view").deliver().expectNoCall("summary ")
	b.hold("1", 3*time.Second).deliver().expect("Permission to view").expectNoCall("summary ")
	b.hold("s", 2*time.Second).wait(act.KeyDelay).deliver().expectNoCall("summary ")
	b.wait(2 * time.Second).Press("1").deliver().expect("penicillin")
}

// Without a reason in words, Enter sends nothing.
func TestSummary_EmergencyNeedsAReason(t *testing.T) {
	b := newFixture(t)
	b.toAsk().wait(time.Second).Press("2").Press("enter").deliver().expectNoCall("summary ")
	b.wait(time.Second).Press("enter").deliver().expect("Type the reason in words").Typed("12").wait(time.Second).
		Press("enter").deliver().expectNoCall("summary ")
	b.Typed(" unconscious").wait(2 * time.Second).Press("enter").deliver().expect("penicillin")
	b.expectCalls("summary "+tess.Digits()+" emergency  12 unconscious", 1)
}

// Esc sends nothing, and drops a request that is running.
func TestSummary_Esc(t *testing.T) {
	b := newFixture(t)
	b.toAsk().wait(time.Second).Press("2").Typed("unconscious").Press("esc").deliver().expectNot("Permission").
		expectNoCall("summary ")
	b.wait(time.Second).Press("s").expectNot("unconscious").wait(time.Second).Press("1")
	late := b.queued
	b.queued = nil
	b.Press("esc")
	b.queued = late
	b.deliver().expect("ALERT").expectNot("penicillin")
}

// The permission is asked again for the next view and for the next patient.
func TestSummary_PermissionIsNotRemembered(t *testing.T) {
	b := newFixture(t)
	b.toSummary().Press("esc").wait(time.Second).Press("s").deliver().expect("Permission to view").
		expectNot("penicillin")
	b.Press("esc").wait(time.Second).Press("n").Typed(sam.Digits()).Press("enter").deliver().wait(time.Second).
		Press("s").deliver().expect("Permission to view").expectNot("penicillin")
	b.expectCalls("summary "+tess.Digits()+" patient  ", 1)
}

// The summary is gone after locking, with the card, and with the next patient. An answer that comes later is not shown.
func TestSummary_GoneWithTheSession(t *testing.T) {
	for name, end := range map[string]func(*modelTest){
		"lock":         func(b *modelTest) { b.Press("ctrl+l") },
		"card out":     func(b *modelTest) { b.cardOut() },
		"next patient": func(b *modelTest) { b.Press("n") },
		"idle":         func(b *modelTest) { b.wait(16 * time.Minute).tick() },
	} {
		t.Run(name, func(t *testing.T) {
			b := newFixture(t)
			b.toSummary()
			screen, _ := b.m.Top().(*summary.Pane)
			end(b)
			b.deliver().expectNot("penicillin")
			if shown := strings.Join(screen.InLines(), "\n"); strings.Contains(shown, "penicillin") {
				t.Errorf("the screen has the summary still: %s", shown)
			}

			b = newFixture(t)
			b.toAsk().wait(time.Second).Press("1")
			late := b.queued
			b.queued = nil
			end(b)
			b.queued = append(b.queued, late...)
			b.deliver().expectNot("penicillin")
		})
	}
}

// A summary of another patient is not shown.
func TestSummary_OtherPatient(t *testing.T) {
	b := newFixture(t)
	b.toAsk()
	b.sessions.summary.Number = sam
	b.wait(time.Second).Press("1").deliver().expect("about another patient", "could not be checked", "H67").
		expectNot("penicillin")
}

// No state without a summary has the sign or the words of "none recorded".
func TestSummary_NoneIsNeverNoAllergies(t *testing.T) {
	for _, state := range client.SummaryStates() {
		if state == client.SummaryAvailable {
			continue
		}
		b := newFixture(t)
		b.unavailable(state, nil).expect(draw.SignFailed+" Th", "not known from it")
		b.expectNot(draw.SignNoneRecorded+" Th", "no allergies", "Allergies and Adverse")
	}
}

// In the smallest window the heading of the allergies, their number and the first one are on the first page.
func TestSummary_AllergiesOnTheFirstPage(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{60, 20}, {80, 24}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size.cols, size.rows), func(t *testing.T) {
			b := newFixtureSize(t, size.cols, size.rows)
			b.toSummary().expect("Allergies and Adverse Reactions: 2 entries", "Allergy to penicillin", "20-Nov-2026",
				"EXAMPLE, Tess")
			if size.rows == 20 {
				b.expect("MORE BELOW")
			}
		})
	}
}

// The screen of an old summary says so, above its sections.
func TestSummary_Old(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{60, 20}, {80, 24}} {
		b := newFixtureSize(t, size.cols, size.rows)
		b.toAsk()
		b.sessions.summary = summaryReadAt(start().AddDate(2, 0, 0), hubtest.DefaultSections()...)
		b.wait(time.Second).Press("1").deliver().
			expect("This summary is 2 years old.", "20-Nov-2026", "Allergy to penicillin")
	}
}

// TestSummary_SmallestScreen compares the screens in the smallest window with golden files.
func TestSummary_SmallestScreen(t *testing.T) {
	for _, s := range slices.Concat(summaryStates(), summaryPrintStates()) {
		t.Run(s.name, func(t *testing.T) {
			b := newFixtureSize(t, 60, 20)
			s.get(b)
			golden.RequireEqual(t, []byte(b.grid().Text()+"\n"))
		})
	}
}

// Every word of a section that is shown open can be scrolled to, and every word of the others after unfolding.
func TestSummary_EveryWordIsReachable(t *testing.T) {
	b := newFixtureSize(t, 60, 20)
	var rows strings.Builder
	for i := range 60 {
		fmt.Fprintf(&rows, "<tr><td>0%d-Mar-2020</td><td>word%d</td></tr>", i%9+1, i)
	}
	table := "<div><table><tr><th>Date</th><th>Description</th></tr>" + rows.String() + "</table></div>"
	b.toAsk()
	b.sessions.summary = summaryDocument(
		hubtest.SummarySection(record.Allergies, "Allergies and Adverse Reactions", table),
		hubtest.SummarySection("TreatmentsHeader", "Treatments", strings.ReplaceAll(table, "word", "treatment")),
		hubtest.SummarySection("AdviceHeader", "Advice", "<div><table><tr><td>"+strings.Repeat("<table>",
			400)+"x</div>"),
	)
	b.wait(time.Second).Press("1").deliver()
	seen := b.text()
	b.Press("enter")
	for range 60 {
		b.Press("pgdown")
		seen += b.text()
	}
	for i := range 60 {
		for _, word := range []string{fmt.Sprintf("word%d ", i), fmt.Sprintf("treatment%d ", i)} {
			if !strings.Contains(seen, word) {
				t.Errorf("%q was not shown", word)
			}
		}
	}
}

// No page ends within a row that fits on a page: a dose must not be read without what belongs to it. Each page with
// rows of a table has the names of its columns.
func TestSummary_PagesDoNotDivideRows(t *testing.T) {
	rows := func(n int, cell string) string {
		out := "<div><table><tr><th>Medicine</th><th>Dose</th></tr>"
		for i := range n {
			out += fmt.Sprintf("<tr><td>BEGIN%d medicine</td><td>"+cell+" END%d</td></tr>", i, i)
		}
		return out + "</table></div>"
	}
	const long = "one tablet in the morning and two in the evening, on three days of each week, never with grapefruit"
	for _, size := range hostileSizes {
		for name, section := range map[string]string{"in columns": rows(40, "5 mg"), "stacked": rows(12, long)} {
			b := newFixtureSize(t, size.cols, size.rows)
			b.toAsk()
			b.sessions.summary = summaryDocument(hubtest.SummarySection(record.Allergies, "Allergies", section),
				hubtest.SummarySection("RepeatMedsHeader", "Repeat", section))
			b.wait(time.Second).Press("1").deliver()

			ends := 0
			for range 100 {
				page := b.text()
				if begins := strings.Count(page, "BEGIN"); begins != strings.Count(page, "END") {
					t.Errorf("%s at %d x %d: a page divides a row:\n%s", name, size.cols, size.rows, page)
				} else if begins > 0 && !strings.Contains(page, "Dose") {
					t.Errorf("%s at %d x %d: a page has no names:\n%s", name, size.cols, size.rows, page)
				}
				ends += strings.Count(page, "END")
				if !strings.Contains(page, "MORE BELOW") {
					break
				}
				b.Press("pgdown")
			}
			for range 100 { // back to the first page: each page ends where the one after it begins
				var from, to, before int
				position := func() { scanLines(t, b.text(), &before, &to) }
				if position(); before == 1 {
					break
				}
				from = before
				b.Press("pgup")
				if position(); to < from-1 || before >= from {
					t.Errorf("%s at %d x %d: got lines %d to %d before line %d", name, size.cols, size.rows, before, to,
						from)
				}
			}
			b.Press("end")
			if want := strings.Count(section, "END") * 2; ends < want || strings.Contains(b.text(), "MORE BELOW") {
				t.Errorf("%s at %d x %d: got %d rows, want %d and the last page", name, size.cols, size.rows, ends,
					want)
			}
		}
	}
}

// scanLines reads the first and the last line of the page that is on the screen.
func scanLines(t *testing.T, screen string, from, to *int) {
	t.Helper()
	if _, after, ok := strings.Cut(screen, "Lines "); !ok {
		t.Fatalf("no position on the screen:\n%s", screen)
	} else if _, err := fmt.Sscanf(after, "%d to %d of", from, to); err != nil {
		t.Fatal(err)
	}
}

// After unfolding and folding, the section at the top is the same.
func TestSummary_FoldKeepsTheSection(t *testing.T) {
	b := newFixtureSize(t, 60, 20)
	b.toAsk()
	var sections []any
	for _, code := range []string{record.Allergies, "ObservationsHeader", "TreatmentsHeader", "ResultsHeader"} {
		sections = append(sections, hubtest.SummarySection(code, "",
			"<p>one</p><p>two</p><p>three</p><p>four</p><p>five</p><p>six</p>"))
	}
	b.sessions.summary = summaryDocument(sections...)
	b.wait(time.Second).Press("1").deliver()
	for range 8 { // to the section of treatments
		b.Press("tab")
	}
	b.expect("Treatments: 6 entries", "Investigation Results: 6 entries")
	b.Press("enter").expect("Treatments: 6 entries").expectNot("Investigation Results").Press("tab").
		expect("Investigation Results: 6 entries").expectNot("Treatments").Press("enter").
		expect("Investigation Results: 6 entries")
}

// What the record says about itself is never folded: it may be that it is not complete.
func TestSummary_AboutIsNotFolded(t *testing.T) {
	b := newFixtureSize(t, 120, 60)
	b.toAsk()
	b.sessions.summary = summaryDocument(hubtest.SummarySection(record.Allergies, "Allergies", "<p>None known</p>"),
		hubtest.SummarySection("Title", "Summary", "<div>GP Summary information may not be complete.</div>"))
	b.wait(time.Second).Press("1").deliver().expect("GP Summary information may not be complete.")
}

// A section that could not be read is never folded.
func TestSummary_UnreadableSectionIsNotFolded(t *testing.T) {
	b := newFixtureSize(t, 120, 60)
	b.toAsk()
	b.sessions.summary = summaryDocument(hubtest.SummarySection("TreatmentsHeader", "Treatments",
		"<div>"+strings.Repeat("<table><tr><td>", 400)+"x</div>"))
	b.wait(time.Second).Press("1").deliver().expect("could not be shown", draw.SignFailed+" Treatments",
		"Care Events: not in the record")
}

// Hostile text is shown without control characters and markup, and changes nothing outside of its section.
func TestSummary_HostileText(t *testing.T) {
	for _, size := range hostileSizes {
		b := newFixtureSize(t, size.cols, size.rows)
		b.toAsk()
		var sections []any
		last := fmt.Sprintf("begin%d", len(hostileText)-1)
		for i, hostile := range hostileText {
			if len(hostile) > 1000 { // thousands of lines
				hostile = hostile[:999]
			}
			sections = append(sections, hubtest.SummarySection(record.Allergies, hostile,
				fmt.Sprintf("<div><p>begin%d %s end%d</p></div>", i, hostile, i)))
		}
		b.sessions.summary = summaryDocument(sections...)
		b.wait(time.Second).Press("1").deliver()
		seen := ""
		for range 200 {
			seen += b.text()
			b.Press("pgdown")
			if strings.Contains(seen, last) {
				break
			}
		}
		if !strings.Contains(seen, last) {
			t.Errorf("%dx%d: not every section was shown", size.cols, size.rows)
		}
		if strings.ContainsAny(seen, "\x1b\a\b\r\u202e\u009b\u200b") {
			t.Errorf("%dx%d: got control characters", size.cols, size.rows)
		}
	}
}

// In linear mode, every line of the summary is said, also one that was on the page before.
func TestSummary_Linear(t *testing.T) {
	h := hear(t)
	h.summaries()
	h.card().types(code, tess.Digits())
	h.wait(time.Second)
	h.Heard()
	h.types("summary").expectSaid("Why may you view", "1. The patient", "Number of the answer")
	h.wait(time.Second)
	h.types("2").expectSaid("Reason in words")
	h.wait(time.Second)
	h.types("12").expectSaid("Type the reason in words.")
	h.wait(time.Second)
	h.types("unconscious").expectSaid("NHS No. 999 000 0018", "Summary Care Record of 20-Nov-2026",
		"It may not include everything", "Lines 1 to 20 of", "Allergies and Adverse Reactions.",
		"Row 1. Date: 12-May-2020. Description: Allergy to penicillin.", "More lines follow")
	h.types("page down").expectSaid("EXAMPLE, Tess", "Lines 21 to",
		"The record does not have this section. It is not known whether there are any.")
	h.expectCalls("summary "+tess.Digits()+" emergency  unconscious", 1)
}

// A reason that is too long is refused: a part of it would be another reason.
func TestSummary_LinearLongReason(t *testing.T) {
	h := hear(t)
	h.summaries()
	h.card().types(code, tess.Digits())
	h.wait(time.Second)
	h.types("summary").wait(time.Second)
	h.types("2").wait(2 * time.Second)
	h.types(strings.Repeat("x", client.MaxPermissionReason+1)).expectSaid("The reason has more than 200 characters.")
	h.expectNoCall("summary ")
}

// Pasted lines are no permission.
func TestSummary_LinearPaste(t *testing.T) {
	h := hear(t)
	h.summaries()
	h.card().types(code, tess.Digits())
	h.wait(time.Second)
	h.run(h.l.Input([]byte("summary\n1\n1\n2\nunconscious\nsummary\n1\n")))
	h.Answered()
	h.expectNoCall("summary ")
}
