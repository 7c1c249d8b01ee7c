package upload_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/upload"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// onFrom returns a plan of V999 that is on file and starts on that day.
func onFrom(id string, reference string, start nhs.Date) store.Plan {
	p := on(id, tess, reference)
	p.Start = start
	return p
}

// ids returns the IDs of the plans.
func ids(all []store.Plan) (ids []string) {
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return ids
}

// An authority used one reference for an old plan of a child and for the current one. Both are stored.
func TestTake_AReferenceUsedAgainIsAPlanForEachStart(t *testing.T) {
	for _, reference := range []string{"R1", ""} {
		r := newRecords(t)
		r.plans = []store.Plan{on("runs", tess, reference)}
		taken := r.process(t, row("reference", reference, "start", "03/02/2020", "end", "01/01/2021"))
		if got, want := taken.Rows[0].Sentence,
			"Added. No alert is shown: this plan ended on 1 January 2021."; taken.Refused != 0 || got != want {
			t.Errorf("rows = %+v, want sentence %q", taken.Rows, want)
		}
		if len(taken.Plans) != 1 || taken.Plans[0].ID == "runs" || len(taken.Deleted) != 0 {
			t.Errorf("plans = %+v, deleted = %v, want one new plan", taken.Plans, taken.Deleted)
		}
		r.plans = append(r.plans, taken.Plans...)
		if again := r.process(t, row("reference", reference, "start", "03/02/2020", "end",
			"01/01/2021")); !slices.Equal(ids(again.Plans), ids(taken.Plans)) {
			t.Errorf("sending the row again = %+v, want the plans %+v", again, taken.Plans)
		}
	}
}

func TestTake_AnAddDarkensNoAlert(t *testing.T) {
	r := newRecords(t)
	plan := onFrom("p", "R1", nhs.Date{Year: 2020, Month: time.February, Day: 3})
	r.plans = []store.Plan{plan}
	changed := []string{"start", "03/02/2020", "end", "14/07/2025"} // 366 days ago
	taken := r.process(t, row(changed...))
	if got := taken.Rows[0]; got.Code != upload.Failure ||
		!strings.HasPrefix(got.Sentence, "Action: this plan is an alert") || len(taken.Plans) != 0 {
		t.Errorf("adding a visible plan with a past end = %+v, plans %+v, want refusal", got, taken.Plans)
	}

	if taken := r.process(t, row("start", "03/02/2020", "end", "15/07/2025")); taken.Refused != 0 ||
		!slices.Equal(ids(taken.Plans), []string{"p"}) {
		t.Errorf("adding a plan that ends on its last visible day = %+v, want success", taken)
	}

	for _, action := range []string{"update", "end"} {
		taken := r.process(t, row(append(changed, "action", action)...))
		if got := taken.Rows[0]; got.Code != upload.Success ||
			!strings.HasSuffix(got.Sentence, "No alert is shown: this plan ended on 14 July 2025.") {
			t.Errorf("%s: got %+v, want success and “No alert is shown”", action, got)
		}
	}
}

func TestTake_OnlyAnUpdateMovesAStart(t *testing.T) {
	r := newRecords(t)
	r.plans = []store.Plan{on("p", tess, "R1"), on("q", tess, "")}
	moved := r.process(t, row("action", "update", "start", "04/02/2026"))
	if moved.Refused != 0 || len(moved.Plans) != 1 || moved.Plans[0].ID != "p" ||
		moved.Plans[0].Start != started.AddDays(1) {
		t.Errorf("update with another start = %+v, want plan p with its start moved", moved)
	}

	added := r.process(t, row("start", "04/02/2026"))
	if added.Refused != 0 || len(added.Plans) != 1 || added.Plans[0].ID == "p" {
		t.Errorf("add with another start = %+v, want a new plan", added)
	}

	if without := r.process(t, row("action", "update", "start", "04/02/2026", "reference",
		"")); without.Code != upload.NoneAccepted {
		t.Errorf("update without a reference = %+v, want refusal", without)
	}

	r.plans = append(r.plans, onFrom("r", "R1", started.AddDays(9)))
	several := r.process(t, row("action", "update", "start", "04/02/2026"))
	if got := several.Rows[0]; got.Code != upload.Failure ||
		!strings.HasPrefix(got.Sentence, "Start: more than one plan") {
		t.Errorf("update with several matching plans = %+v, want a refusal that names Start", got)
	}
}

// Short breaks are stored as looked-after plans of a few days each.
func TestTake_PlansThatAreOverBlockNoNewOne(t *testing.T) {
	r := newRecords(t)
	for i := range 60 {
		p := onFrom(fmt.Sprint("p", i), "short break", started.AddDays(i))
		p.Kind, p.End = store.LookedAfter, p.Start.AddDays(1)
		r.plans = append(r.plans, p)
	}
	if taken := r.process(t, row()); taken.Refused != 0 || len(taken.Plans) != 1 {
		t.Errorf("adding a plan = %+v, want success", taken)
	}
	for i := range 600 {
		p := onFrom(fmt.Sprint("q", i), fmt.Sprint("faulty", i), started)
		p.End = started
		r.plans = append(r.plans, p)
	}
	if taken := r.process(t, row()); taken.Refused != 1 {
		t.Errorf("adding a plan over the limit = %+v, want refusal", taken.Rows)
	}
}

// Two children's records were merged by mistake and separated again. Their authority uses one reference for both.
func TestTake_AMergeThatIsUndoneReplacesNoSiblingsPlan(t *testing.T) {
	names := fhir.HumanName{Use: "usual", Family: "O'Brien-Nunez", Given: []string{"Rose"}}
	rose := func(action string) upload.Row {
		return row("action", action, "nhsNumber", absent.Digits(), "given", "Rose")
	}

	for _, action := range []string{"add", "update"} {
		r := newRecords(t)
		r.put(t, absent, "2016-03-04", "U", "", names)
		r.plans = r.process(t, rose("add")).Plans
		r.put(t, absent, "2016-03-04", "U", tess, names) // the merge

		for _, p := range r.process(t, row("action", action)).Plans {
			r.plans = append(slices.DeleteFunc(r.plans, func(q store.Plan) bool { return q.ID == p.ID }), p)
		}

		r.put(t, absent, "2016-03-04", "U", "", names) // the merge is undone
		hers := func(n nhs.Number) bool {
			return slices.ContainsFunc(r.plans, func(p store.Plan) bool { return p.Number == n })
		}
		if !hers(tess) || action == "add" && !hers(absent) {
			t.Errorf("%s: plans on file = %+v, want one of tess and, after add, one of absent", action, r.plans)
		}

		for _, p := range r.process(t, rose("add")).Plans {
			r.plans = append(slices.DeleteFunc(r.plans, func(q store.Plan) bool { return q.ID == p.ID }), p)
		}

		if !hers(tess) || !hers(absent) || len(r.plans) != 2 {
			t.Errorf("%s, then sent again: plans on file = %+v, want one for each child", action, r.plans)
		}
	}
}

func TestTake_IDsArePickedAtRandom(t *testing.T) {
	one, other := newRecords(t).process(t, row()), newRecords(t).process(t, row())
	if one.Plans[0].ID == other.Plans[0].ID {
		t.Errorf("two plans have the ID %s", one.Plans[0].ID)
	}
}

func TestParseCSV_LocalIDIsNoReference(t *testing.T) {
	_, err := upload.ParseCSV([]byte("Action,Kind,NHS number,Local ID\nend,CPP,9990000018,R1\n"))
	if err == nil || !strings.Contains(err.Error(), "“Local ID”, is not known") {
		t.Errorf("ParseCSV error = %v, want one that quotes “Local ID”", err)
	}
}
