package hub_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// inLondon returns a local time in the United Kingdom.
func inLondon(t testing.TB, y int, m time.Month, d, hour, minute, second int) time.Time {
	t.Helper()
	uk, err := time.LoadLocation("Europe/London")
	must(t, err)
	return time.Date(y, m, d, hour, minute, second, 0, uk)
}

// at sets the bench's clock to when and returns a terminal with a new session.
func (b *fixture) at(when time.Time) *terminal {
	b.t.Helper()
	b.clock.Add(when.Sub(b.clock.Now()))
	return b.signIn()
}

// plans asks for a patient's lamp, opens the alert, and returns both answers.
func (x *terminal) plans(n nhs.Number) (alert bool, teams []fhir.CareTeam) {
	t := x.b.t
	t.Helper()
	var lamp, opened fhir.Bundle
	x.get(nurse, flag, about(n)).into(t, &lamp)
	x.get(nurse, careTeam, about(n)).into(t, &opened)
	if lamp.Total == nil || opened.Total == nil {
		t.Fatalf("lamp or opening of %s failed", n)
	}
	for _, e := range opened.Entry {
		var team fhir.CareTeam
		must(t, json.Unmarshal(e.Resource, &team))
		teams = append(teams, team)
	}
	return *lamp.Total == 1, teams
}

func TestPlan_EndsByRule(t *testing.T) {
	for _, c := range []struct {
		name string
		born string
		plan store.Plan
		end  string   // the end that is displayed from that day on
		own  bool     // the authority has set an end, which is also displayed before it
		seen nhs.Date // the last day with an alert
	}{
		{
			"18 in summer", "2008-07-01",
			store.Plan{Kind: store.ChildProtection, Start: day(2010, 5, 1)},
			"2026-07-01",
			false, day(2027, 7, 1),
		},
		{
			"18 in winter", "2007-12-10",
			store.Plan{Kind: store.LookedAfter, Start: day(2025, 6, 1)},
			"2025-12-10", false,
			day(2026, 12, 10),
		},
		{
			"from the day before", "2007-12-10",
			store.Plan{Kind: store.LookedAfter, Start: day(2025, 12, 9)},
			"2025-12-10", false, day(2026, 12, 10),
		},
		{"18 on the day that the clocks go back", "2007-10-26", store.Plan{
			Kind:  store.LookedAfter,
			Start: day(2010, 5, 1),
		}, "2025-10-26", false, day(2026, 10, 26)},
		{"visible until the day that they go back", "2007-10-25", store.Plan{
			Kind:  store.LookedAfter,
			Start: day(2010, 5, 1),
		}, "2025-10-25", false, day(2026, 10, 25)},
		{"visible until the day that they go forward", "2008-03-28", store.Plan{
			Kind:  store.LookedAfter,
			Start: day(2010, 5, 1),
		}, "2026-03-28", false, day(2027, 3, 28)},
		{
			"born on 29 February", "2008-02-29",
			store.Plan{Kind: store.LookedAfter, Start: day(2010, 5, 1)},
			"2026-03-01",
			false, day(2027, 3, 1),
		},
		{"the own end is later", "2008-07-01", store.Plan{
			Kind: store.LookedAfter, Start: day(2010, 5, 1),
			End: day(2028, 1, 1),
		}, "2026-07-01", true, day(2027, 7, 1)},
		{"the own end is earlier", "2008-07-01", store.Plan{
			Kind: store.LookedAfter, Start: day(2010, 5, 1),
			End: day(2026, 6, 10),
		}, "2026-06-10", true, day(2027, 6, 10)},
		{
			"only the month of birth is known", "2008-06",
			store.Plan{Kind: store.ChildProtection, Start: day(2010, 5, 1)},
			"2026-06-30", false, day(2027, 6, 30),
		},
		{
			"only the year of birth is known", "2007",
			store.Plan{Kind: store.ChildProtection, Start: day(2010, 5, 1)},
			"2025-12-31", false, day(2026, 12, 31),
		},
		{
			"unborn without due date and end", "1999-09-09",
			store.Plan{Kind: store.UnbornChild, Start: day(2025, 7, 15)},
			"2026-07-16", false, day(2026, 8, 13),
		},
		{
			"unborn, in winter", "1999-09-09",
			store.Plan{Kind: store.UnbornChild, Start: day(2025, 11, 24)},
			"2026-11-25",
			false, day(2026, 12, 23),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newFixture(t)
			must(t,
				b.sqlite.PutPatients(t.Context(),
					[]store.Patient{record(t, patient(plain, "Example", "Tom", c.born, "male", "U", ""))}))

			c.plan.ID, c.plan.Number, c.plan.Authority = "p1", plain, "V999"
			must(t, b.sqlite.PutPlan(t.Context(), c.plan))
			end, err := nhs.ParseDate(c.end)
			must(t, err)

			for _, when := range []struct {
				name   string
				at     time.Time
				alert  bool
				end    string
				status string
			}{
				{
					"at the end of the day before", inLondon(t, end.Year, end.Month, end.Day, 0, 0, -1), true, "",
					"active",
				},
				{"as its last day begins", inLondon(t, end.Year, end.Month, end.Day, 0, 0, 0), true, c.end, "active"},
				{
					"at the end of its last day", inLondon(t, end.Year, end.Month, end.Day, 23, 59, 59), true, c.end,
					"active",
				},
				{"on the day after", inLondon(t, end.Year, end.Month, end.Day+1, 0, 0, 0), true, c.end, "inactive"},
				{
					"on the last visible day", inLondon(t, c.seen.Year, c.seen.Month, c.seen.Day, 23, 59, 59), true,
					c.end,
					"inactive",
				},
				{"on the day after that", inLondon(t, c.seen.Year, c.seen.Month, c.seen.Day+1, 0, 0, 0), false, "", ""},
			} {
				_, notified := b.left(plain)
				alert, teams := b.at(when.at).plans(plain)
				_, now := b.left(plain)
				if alert != when.alert || (len(teams) == 1) != when.alert || len(now)-len(notified) != len(teams) {
					t.Errorf("%s (%s): got alert %v, %d plans, %d notifications; want alert %v", when.name, when.at,
						alert, len(teams), len(now)-len(notified), when.alert)
					continue
				}

				if want := when.end; len(teams) == 1 {
					if want == "" && c.own {
						want = c.end
					}
					if teams[0].Period.End != want || teams[0].Status != when.status {
						t.Errorf("%s (%s): got end %q, status %s; want %q, %s", when.name, when.at,
							teams[0].Period.End, teams[0].Status, want, when.status)
					}
				}
			}
		})
	}
}

// The calculated end of a plan uses the birth date on record at the time of the request, so a correction in PDS moves
// it.
func TestPlan_EndMovesWithTheBirthDate(t *testing.T) {
	b := newFixture(t)
	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
		ID: "p1", Number: plain, Kind: store.LookedAfter,
		Start: day(2010, 5, 1), Authority: "V999",
	}))

	x := b.signIn()
	for _, c := range []struct {
		born, end string
		alert     bool
	}{
		{"2008-01-31", "2026-01-31", true},
		{"2007-07-14", "", false}, // 18 on 14 July 2025
		{"2007-07-15", "2025-07-15", true},
		{"2007", "2025-12-31", true},
		{"", "", true}, // without a birth date the alert remains
	} {
		must(t,
			b.sqlite.PutPatients(t.Context(),
				[]store.Patient{record(t, patient(plain, "Example", "Tom", c.born, "male", "U", ""))}))
		alert, teams := x.plans(plain)
		if alert != c.alert || (len(teams) == 1) != c.alert || len(teams) == 1 && teams[0].Period.End != c.end {
			t.Errorf("born %q: got alert %v, plans %+v; want alert %v, end %q", c.born, alert, teams, c.alert, c.end)
		}
	}

	// A plan under a former number ends by the birth date in the current record.
	const former = nhs.Number("9990000085")
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		record(t, patient(plain, "Example", "Tom", "2007-07-14", "male", "U", "")),
		superseded(record(t, patient(former, "Example", "Tom", "2016-07-14", "male", "U", "")), plain),
	}))

	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
		ID: "p1", Number: former, Kind: store.LookedAfter,
		Start: day(2010, 5, 1), Authority: "V999",
	}))

	for _, n := range []nhs.Number{plain, former} {
		if alert, teams := x.plans(n); alert {
			t.Errorf("lamp of %s with a plan under the former number: got an alert and plans %+v, want none", n, teams)
		}
	}
}

// The answer to an upload must say the same about a plan as the lamp does.
func TestPlan_UploadSaysWhenItIsAnAlert(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	row := func(start string) string { return "add;LAC;999 000 0026;04/03/2016;Example;Tom;" + start + ";;;R-1" }
	later := o.took(o.csv("1", sheet(row("16/07/2026"))), "CPF02", "2 CPR06")
	const ends = "The hub ends this plan on 4 March 2034, the 18th birthday."
	if got, want := later.Rows[0].Sentence, "Added. It becomes an alert on 16 July 2026. "+ends; got != want {
		t.Errorf("got sentence %q, want %q", got, want)
	}

	if b.at(inLondon(t, 2026, 7, 15, 23, 59, 59)).lit(plain) {
		t.Error("got an alert before the plan's start, want none")
	}

	if !b.at(inLondon(t, 2026, 7, 16, 0, 0, 0)).lit(plain) {
		t.Error("got no alert on the day of the plan's start")
	}

	again := o.took(o.csv("2", sheet(row("16/07/2026"))), "CPF02", "2 CPR06")
	if got, want := again.Rows[0].Sentence, "Updated. "+ends; got != want {
		t.Errorf("got sentence %q on the day of the start, want %q", got, want)
	}

	over := o.took(o.csv("3", sheet("add;LAC;999 000 0026;04/03/2016;Example;Tom;01/01/2020;01/01/2021;;R-2")), "CPF02",
		"2 CPR06")
	if got, want := over.Rows[0].Sentence, "Added. No alert is shown: this plan ended on 1 January 2021."; got != want {
		t.Errorf("got sentence %q, want %q", got, want)
	}
}

// An ended plan that is uploaded late must not end the alert of the current plan with the same reference.
func TestPlan_AnOldPlanUnderTheReferenceOfTheOneThatRuns(t *testing.T) {
	b := newFixture(t)
	o, x := b.office("V999"), b.signIn()
	row := func(action, start, end string) string {
		return action + ";LAC;999 000 0026;04/03/2016;Example;Tom;" + start + ";" + end + ";;R-1"
	}

	o.took(o.csv("1", sheet(row("add", "01/07/2026", ""))), "CPF02", "2 CPR06")
	old := o.took(o.csv("2", sheet(row("add", "01/01/2020", "01/01/2021"))), "CPF02", "2 CPR06")
	if got, want := old.Rows[0].Sentence, "Added. No alert is shown: this plan ended on 1 January 2021."; got != want {
		t.Errorf("got sentence %q, want %q", got, want)
	}

	if alert, teams := x.plans(plain); !alert || len(teams) != 1 || teams[0].Period.Start != "2026-07-01" {
		t.Errorf("got alert %v, plans %+v; want the current plan", alert, teams)
	}

	o.took(o.csv("3", sheet(row("add", "01/01/2020", ""))), "CPF02", "2 CPR06") // the old plan has no end after all
	refused := o.took(o.csv("4", sheet(row("add", "01/01/2020", "01/01/2021"))), "CPF04", "2 CPR07")
	if got := refused.Rows[0].Sentence; !strings.HasPrefix(got, "Action: this plan is an alert now") {
		t.Errorf("got sentence %q, want an instruction, because the plan is an alert now", got)
	}

	if _, teams := x.plans(plain); len(teams) != 2 {
		t.Errorf("got plans %+v, want 2", teams)
	}
}
