package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
	"wardlight/tui/ask"
)

// officer returns the role of a privacy officer.
func officer() rbac.RoleProfile {
	r := nurse()
	r.URID, r.JobRole, r.JobName = "555000000666", "S8000:G8000:"+rbac.PrivacyOfficer, "Privacy Officer"
	return r
}

// officer makes the user a privacy officer, whose reports have two findings and n accesses.
func (b *modelTest) officer(n int) *modelTest {
	ada := client.Person{UUID: "555000000111", Name: "SAMPLE, Ada (Ms)"}
	ben := client.Person{UUID: "555000000112"}
	r := client.Report{
		Organisation: "RX1", Made: start(),
		Unusual: []client.Finding{
			{
				Kind: client.SameFamilyName, Person: ada, Number: sam, Count: 2, First: start().Add(-time.Hour),
				Last: start(),
			},
			{Kind: client.ManyPatients, Person: ben, Count: 61, First: start().Add(-time.Hour), Last: start()},
		},
	}

	for i := range n {
		x := client.ReportedAccess{
			When: start().Add(-time.Duration(i) * time.Hour), Person: ada, URID: nurse().URID, Outcome: "granted",
			Action: "see whether there is an alert", Patients: []nhs.Number{sam}, Listed: 1,
			RequestID: fmt.Sprintf("6d3a4bd5-7a3c-4c6c-9a77-%012d", i), Source: "203.0.113.5", Record: int64(5000 - i),
		}
		switch i {
		case 1:
			x.Person, x.Action, x.Outcome, x.Reason = ben, "open an alert", "refused", "ACCESS_DENIED"
		case 2:
			x.Action, x.Listed, x.Patients = "search for patients", 12, slices.Repeat([]nhs.Number{tess, sam}, 6)
		}
		r.Accesses = append(r.Accesses, x)
	}
	b.sessions.report = r
	return roles(b, []rbac.RoleProfile{officer()}, []rbac.RoleProfile{officer()})
}

// toReport signs in as a privacy officer and asks for all enquiries.
func (b *modelTest) toReport(n int) *modelTest {
	return b.officer(n).signIn().Press("esc", "v", "3").Typed("1-11-2026").Press("enter")
}

func privacyStates() []state {
	return []state{
		{"privacy-menu", func(b *modelTest) { b.officer(1).signIn().Press("esc", "v", "down") }},
		{"privacy-form", func(b *modelTest) {
			b.officer(1).signIn().Press("esc", "v", "1").Typed("9990000026").Press("tab").Typed("1-11-2026")
		}},
		{"privacy-form-errors", func(b *modelTest) {
			b.officer(1).signIn().Press("esc", "v", "2").Typed("ada").Press("tab").Typed("1-10-2026").Press("enter")
		}},
		{"privacy-making", func(b *modelTest) { b.toReport(3) }},
		{"privacy-failed", func(b *modelTest) {
			b.sessions.reportErr = &client.Error{
				Kind: client.BadRequest, Status: 400, SpineCode: "TOO_MANY_MATCHES",
				Detail: "The report has too many accesses or takes too long, so none was made. Ask for fewer days, " +
					"or about one patient or person.",
			}
			b.toReport(3).deliver()
		}},
		{"privacy-report", func(b *modelTest) { b.toReport(3).deliver() }},
		{"privacy-report-refused", func(b *modelTest) { b.toReport(3).deliver().Press("down", "down", "down") }},
		{"privacy-report-search", func(b *modelTest) { b.toReport(3).deliver().Press("end") }},
		{"privacy-report-long", func(b *modelTest) { b.toReport(60).deliver().Press("pgdown", "pgdown") }},
		{"privacy-report-sealed", func(b *modelTest) {
			b.officer(0).sessions.report.SealedAt = start().AddDate(0, 0, -3)
			b.sessions.report.Unusual = nil
			b.sessions.report.Attendance.State = client.AttendanceCouldNotCheck
			b.signIn().Press("esc", "v", "1").Typed("9990000026").Press("tab").Typed("1-11-2026").Press("enter").
				deliver()
		}},
		{"privacy-report-of-user", func(b *modelTest) {
			b.officer(3).sessions.report.Attendance = client.Attendance{
				State: client.AttendanceChecked, From: start().AddDate(0, -1, 0), Until: start(),
			}
			b.signIn().Press("esc", "v", "2").Typed("555000000111").Press("tab").Typed("1-11-2026").
				Press("enter").deliver().Press("down")
		}},
	}
}

// Only a role that may make reports is offered them: a role with the codes and another job is not.
func TestPrivacy_IsOfferedOnlyToAnOfficer(t *testing.T) {
	b := newFixture(t).signIn().Press("esc").expectNot("privacy reports").Press("?").expectNot("privacy reports").
		Press("esc", "v").expect("Find a patient")
	if n := len(b.m.Screens); n != 1 {
		t.Errorf("a nurse's key v: got %d screens, want the form alone", n)
	}

	b = newFixture(t).officer(1).signIn().Press("esc").expect("v privacy reports")
	b.Press("v").expect("Patient access", "User access", "Patient enquiries", "put on record").expectNoCall("report")

	silent := officer()
	silent.Activities = []rbac.ActivityCode{rbac.Trace, rbac.ViewAlertSilently}
	roles(newFixture(t), []rbac.RoleProfile{silent}, []rbac.RoleProfile{silent}).signIn().Press("esc").
		expectNot("privacy reports")
}

// The key is available beside a patient, who is dropped.
func TestPrivacy_FromAPatient(t *testing.T) {
	newFixture(t).officer(1).toPatient(sam).Press("v").expect("Privacy reports").expectNot("SAMPLE, Sam", "999 000").
		Press("esc").expect("Find a patient")
}

func TestPrivacy_KeyOfTheSettings(t *testing.T) {
	b := newFixture(t).officer(1)
	b.m.Keys.Reports.SetKeys("k")
	b.m.Keys.Reports.SetHelp("k", b.m.Keys.Reports.Help().Desc)
	b.signIn().Press("esc").expect("k privacy reports").Press("v").expect("Find a patient").Press("k").
		expect("Patient enquiries")
}

func TestPrivacy_SendsNothingWrong(t *testing.T) {
	for _, c := range []struct{ kind, subject, from, to, want string }{
		{"1", "9990000019", "1-11-2026", "", "digit"},
		{"1", "", "1-11-2026", "", "NHS number"},
		{"2", "12345", "1-11-2026", "", "Type the person's UUID: 12 digits"},
		{"3", "", "", "", "Type the first day, as in 15-Nov-2026."},
		{"3", "", "1-10-2026", "", "A report covers a month at most: until 31-Oct-2026."},
		{"3", "", "1-10-2026", "1-11-2026", "A report covers a month at most: until 31-Oct-2026."},
		{"3", "", "2-11-2026", "1-11-2026", "The last day is before the first."},
		{"3", "", "23-11-2026", "", "This date is in the future."},
	} {
		b := newFixture(t).officer(1).signIn().Press("esc", "v", c.kind)
		if c.kind != "3" {
			b.Typed(c.subject).Press("tab")
		}
		b.Typed(c.from).Press("tab").Typed(c.to).Press("enter").expect(c.want).expectNoCall("report")
	}
}

// Findings are above the accesses, and every access is reached.
func TestPrivacy_Report(t *testing.T) {
	b := newFixture(t).toReport(60).expect("Making the report.").deliver()
	b.expect("01-Nov-2026 to 22-Nov-2026, RX1", "Unusual: 2. None of them proves misuse: ask the person.",
		"same family name", "many patients", "Accesses: 60, the newest first", "the patient has or had")
	if top, rest := strings.Index(b.text(), "same family name"), strings.Index(b.text(), "Accesses:"); top > rest {
		t.Errorf("the accesses are above the findings:\n%s", b.text())
	}

	b.Press("down", "down").expect("► 22-Nov-2026 14:05", "audit record 5000", "203.0.113.5", "SAMPLE, Ada (Ms) (555")
	b.Press("down").expect("refused: open an", "refused ACCESS_DENIED")
	b.Press("end").expect("audit record 4941").Press("home").expect("the patient has or had")
	seen := make(map[string]bool)
	for range 20 {
		text := b.text()
		for i := range 60 {
			if when := nhs.Instant(start().Add(-time.Duration(i)*time.Hour), time.UTC); strings.Contains(text, when) {
				seen[when] = true
			}
		}
		b.Press("pgdown")
	}
	if len(seen) != 60 {
		t.Errorf("got %d of 60 accesses on the pages, want all", len(seen))
	}
	b.Press("esc").expect("[ Make the report ]", "01-Nov-2026")
}

// A stopped or failed report shows no access, and a late answer of it is dropped.
func TestPrivacy_StoppedAndFailed(t *testing.T) {
	b := newFixture(t).toReport(3)
	late := takeQueued[ask.Answer[client.Report]](b)
	b.Press("esc").expect("[ Make the report ]").expectNot("Making").send(late).expectNot("Accesses:")

	b.sessions.reportErr = &client.Error{Kind: client.TimedOut}
	b.Press("enter").deliver().expect("The hub did not answer in time.", "Code for support: H12").
		expectNot("Accesses:", "none found")
	b.sessions.reportErr = nil
	b.Press("enter").deliver().expect("Accesses: 3").expectNot("H12")
}

// Nothing of a report, of its form or of one that is still being made is left when a session ends.
func TestPrivacy_NothingStaysAfterASession(t *testing.T) {
	for name, end := range map[string]func(*modelTest){
		"lock":     func(b *modelTest) { b.Press("ctrl+l").expect("Locked.") },
		"idle":     func(b *modelTest) { b.wait(16 * time.Minute).tick().expect("Locked") },
		"card out": func(b *modelTest) { b.cardOut().expect("Card removed.") },
		"service lost": func(b *modelTest) {
			b.event(cardreader.Event{Kind: cardreader.ServiceLost}).expect("The smartcard service stopped.")
		},
	} {
		gone := func(b *modelTest) {
			b.expectNot("999 000", "SAMPLE, Ada", "Accesses", "same family name", "555000000112")
		}
		b := newFixture(t).toReport(3).deliver()
		end(b)
		gone(b)

		b = newFixture(t).toReport(3)
		late := takeQueued[ask.Answer[client.Report]](b)
		end(b)
		b.send(late)
		gone(b)

		b = newFixture(t).officer(3).signIn().Press("esc", "v", "1").Typed("9990000026")
		end(b)
		gone(b)
		b.sessions.card.UUID = "555000000113"
		if !strings.Contains(name, "card") && name != "service lost" {
			b.deliver().Typed(code).Press("enter").deliver().Press("esc", "v", "1").expectNot("999 000")
		}
	}
}

func TestPrivacy_InLines(t *testing.T) {
	h := hear(t)
	h.officer(45)
	h.card().Answered().types(code).Answered()
	h.types("/privacy").expectSaid("1. Patient access: who looked at a patient.", "Number of the report:")
	h.types("1").expectSaid("NHS number, 10 digits:").types("9990000026").expectSaid("First day").types("1-11-2026").
		expectSaid("Last day").types("").Answered()
	h.expectSaid("Patient access: 999 000 0026.", "Unusual: 2. None of them proves misuse: ask the person.",
		"1. Unusual the patient has or had the person's family name", "Accesses: 45, the newest first.",
		"3. When 22-Nov", "4. When", "Action open an alert: refused ACCESS_DENIED", "More rows follow")
	h.types("page down").expectSaid("23. When").types("page down").expectSaid("47. When")
	h.types("4").expectSaid("Row 4 in full:", "audit record 4999")
	h.types("48").expectSaid("That is no number of the list.")
	h.types("back").expectSaid("NHS number, 10 digits:").types("9990000019").types("1-10-2026").types("").
		expectSaid("NHS number: ", "A report covers a month at most: until 31-Oct-2026.")
	h.types("/back").expectSaid("Number of the report:")
	h.pulled().expectSaid("Earlier lines may still name a patient", "Card removed. Session ended.")
}
