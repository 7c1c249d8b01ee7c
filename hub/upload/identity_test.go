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

// onFrom is a plan of V999 on file from that day on.
func onFrom(id string, reference string, start nhs.Date) store.Plan {
	p := on(id, tess, reference)
	p.Start = start
	return p
}

// ids returns the ids of plans.
func ids(all []store.Plan) (ids []string) {
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return ids
}

// An authority gave one reference to an old plan of a child and to the one that runs.
func TestTake_AReferenceUsedAgainIsAPlanForEachStart(t *testing.T) {
	for _, reference := range []string{"R1", ""} {
		r := newRecords(t)
		r.plans = []store.Plan{on("runs", tess, reference)}
		taken := r.take(t, row("reference", reference, "start", "03/02/2020", "end", "01/01/2021"))
		if got, want := taken.Rows[0].Sentence, "Added. No alert is shown: this plan ended on 1 January 2021."; taken.Refused != 0 || got != want {
			t.Errorf("%+v, want %q", taken.Rows, want)
		}
		if len(taken.Plans) != 1 || taken.Plans[0].ID == "runs" || len(taken.Deleted) != 0 {
			t.Errorf("%+v, %v", taken.Plans, taken.Deleted)
		}
		r.plans = append(r.plans, taken.Plans...)
		if again := r.take(t, row("reference", reference, "start", "03/02/2020", "end", "01/01/2021")); !slices.Equal(ids(again.Plans), ids(taken.Plans)) {
			t.Errorf("the same row again: %+v", again)
		}
	}
}

func TestTake_AnAddDarkensNoAlert(t *testing.T) {
	r := newRecords(t)
	plan := onFrom("p", "R1", nhs.Date{Year: 2020, Month: time.February, Day: 3})
	r.plans = []store.Plan{plan}
	changed := []string{"start", "03/02/2020", "end", "14/07/2025"} // 366 days ago
	taken := r.take(t, row(changed...))
	if got := taken.Rows[0]; got.Code != upload.Failure || !strings.HasPrefix(got.Sentence, "Action: this plan is an alert") || len(taken.Plans) != 0 {
		t.Errorf("%+v, %+v", got, taken.Plans)
	}
	if taken := r.take(t, row("start", "03/02/2020", "end", "15/07/2025")); taken.Refused != 0 || !slices.Equal(ids(taken.Plans), []string{"p"}) {
		t.Errorf("an alert for its last day: %+v", taken)
	}
	for _, action := range []string{"update", "end"} {
		taken := r.take(t, row(append(changed, "action", action)...))
		if got := taken.Rows[0]; got.Code != upload.Success || !strings.HasSuffix(got.Sentence, "No alert is shown: this plan ended on 14 July 2025.") {
			t.Errorf("%s: %+v", action, got)
		}
	}
}

func TestTake_OnlyAnUpdateMovesAStart(t *testing.T) {
	r := newRecords(t)
	r.plans = []store.Plan{on("p", tess, "R1"), on("q", tess, "")}
	moved := r.take(t, row("action", "update", "start", "04/02/2026"))
	if moved.Refused != 0 || len(moved.Plans) != 1 || moved.Plans[0].ID != "p" || moved.Plans[0].Start != started.AddDays(1) {
		t.Errorf("%+v", moved)
	}
	added := r.take(t, row("start", "04/02/2026"))
	if added.Refused != 0 || len(added.Plans) != 1 || added.Plans[0].ID == "p" {
		t.Errorf("%+v", added)
	}
	if without := r.take(t, row("action", "update", "start", "04/02/2026", "reference", "")); without.Code != upload.NoneTaken {
		t.Errorf("an update without a reference: %+v", without)
	}
	r.plans = append(r.plans, onFrom("r", "R1", started.AddDays(9)))
	several := r.take(t, row("action", "update", "start", "04/02/2026"))
	if got := several.Rows[0]; got.Code != upload.Failure || !strings.HasPrefix(got.Sentence, "Start: more than one plan") {
		t.Errorf("%+v", got)
	}
}

// Short breaks are looked-after plans of some days each.
func TestTake_PlansThatAreOverBlockNoNewOne(t *testing.T) {
	r := newRecords(t)
	for i := range 60 {
		p := onFrom(fmt.Sprint("p", i), "short break", started.AddDays(i))
		p.Kind, p.End = store.LookedAfter, p.Start.AddDays(1)
		r.plans = append(r.plans, p)
	}
	if taken := r.take(t, row()); taken.Refused != 0 || len(taken.Plans) != 1 {
		t.Errorf("%+v", taken)
	}
	for i := range 600 {
		p := onFrom(fmt.Sprint("q", i), fmt.Sprint("faulty", i), started)
		p.End = started
		r.plans = append(r.plans, p)
	}
	if taken := r.take(t, row()); taken.Refused != 1 {
		t.Errorf("%+v", taken.Rows)
	}
}

// Two children were taken for one, and are two again. Their authority has one reference for both.
func TestTake_AMergeThatIsUndoneReplacesNoSiblingsPlan(t *testing.T) {
	names := fhir.HumanName{Use: "usual", Family: "O'Brien-Nunez", Given: []string{"Rose"}}
	rose := func(action string) upload.Row {
		return row("action", action, "nhsNumber", absent.Digits(), "given", "Rose")
	}
	for _, action := range []string{"add", "update"} {
		r := newRecords(t)
		r.put(t, absent, "2016-03-04", "U", "", names)
		r.plans = r.take(t, rose("add")).Plans
		r.put(t, absent, "2016-03-04", "U", tess, names) // the merge

		for _, p := range r.take(t, row("action", action)).Plans {
			r.plans = append(slices.DeleteFunc(r.plans, func(q store.Plan) bool { return q.ID == p.ID }), p)
		}
		r.put(t, absent, "2016-03-04", "U", "", names) // is undone
		hers := func(n nhs.Number) bool {
			return slices.ContainsFunc(r.plans, func(p store.Plan) bool { return p.Number == n })
		}
		if !hers(tess) || action == "add" && !hers(absent) {
			t.Errorf("%s: %+v", action, r.plans)
		}
		for _, p := range r.take(t, rose("add")).Plans {
			r.plans = append(slices.DeleteFunc(r.plans, func(q store.Plan) bool { return q.ID == p.ID }), p)
		}
		if !hers(tess) || !hers(absent) || len(r.plans) != 2 {
			t.Errorf("%s, and sent again: %+v", action, r.plans)
		}
	}
}

func TestTake_IDsArePickedAtRandom(t *testing.T) {
	one, other := newRecords(t).take(t, row()), newRecords(t).take(t, row())
	if one.Plans[0].ID == other.Plans[0].ID {
		t.Errorf("twice %s", one.Plans[0].ID)
	}
}

func TestParseCSV_LocalIDIsNoReference(t *testing.T) {
	_, err := upload.ParseCSV([]byte("Action,Kind,NHS number,Local ID\nend,CPP,9990000018,R1\n"))
	if err == nil || !strings.Contains(err.Error(), "“Local ID”, is not understood") {
		t.Errorf("%v", err)
	}
}
