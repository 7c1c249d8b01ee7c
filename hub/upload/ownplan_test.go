package upload_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/upload"
	"wardlight/internal/nhs"
)

var started = nhs.Date{Year: 2026, Month: time.February, Day: 3}

// bareRow returns a row with only these cells.
func bareRow(cells ...string) upload.Row {
	r := upload.Row{Number: 1, Cells: make(map[upload.Column]string)}
	for i := 0; i < len(cells); i += 2 {
		r.Cells[upload.Column(cells[i])] = cells[i+1]
	}
	return r
}

// on returns a plan of V999 that is on file.
func on(id string, n nhs.Number, reference string) store.Plan {
	return store.Plan{
		ID: id, Number: n, Kind: store.ChildProtection, Start: started, Authority: "V999",
		Reference: reference,
	}
}

// TestTake_AnAuthorityEndsItsPlanWhateverBecameOfTheRecord sends the number, the kind and the reference, and no
// demographics.
func TestTake_AnAuthorityEndsItsPlanWhateverBecameOfTheRecord(t *testing.T) {
	last := nhs.Date{Year: 2026, Month: time.July, Day: 1}
	for name, number := range map[string]nhs.Number{
		"a record as it was": tess, "marked invalid": wrong, "restricted": hidden, "not verified": traced,
		"superseded":      merged,
		"nobody's number": absent,
	} {
		for what, cells := range map[string][]string{
			"by the reference": {"reference", "R1"},
			"by the start":     {"start", "03/02/2026"},
			"with another birth date": {
				"reference", "R1", "birthDate", "01/01/1990", "family", "Nobody",
				"given", "Else",
			},
			"with what reads as no patient": {
				"reference", "R1", "birthDate", "soon", "family", "-", "given",
				strings.Repeat("x", 201),
			},
			"with a birth after the start": {
				"reference", "R1", "birthDate", "01/07/2026", "family", "Motherwell",
				"given", "Mary",
			},
			"with a due date of a born child": {"reference", "R1", "due", "01/09/2026"},
		} {
			r := newRecords(t)
			plan := on("p", number, "R1")
			if what == "by the start" {
				plan.Reference = ""
			}

			r.plans = []store.Plan{plan, on("other", number, "R2")}
			cells = append(cells, "kind", "CPP", "nhsNumber", number.Digits(), "end", "01/07/2026")

			ended := r.process(t, bareRow(append(cells, "action", "end")...))
			plan.End = last
			if got := ended.Rows[0]; got.Code != upload.Success || got.Sentence != "Ended." ||
				!slices.Equal(ended.Plans, []store.Plan{plan}) || ended.Deleted != nil {
				t.Errorf("%s, ended %s: answer %+v, plans %+v, want success and plan %+v",
					name, what, got, ended.Plans, plan)
			}

			deleted := r.process(t, bareRow(append(cells, "action", "delete", "end", "never")...))
			if got := deleted.Rows[0]; got.Code != upload.Success || got.Sentence != "Deleted." ||
				!slices.Equal(deleted.Deleted, []string{"p"}) || deleted.Plans != nil {
				t.Errorf("%s, deleted %s: answer %+v, deleted %v, want success and p deleted",
					name, what, got, deleted.Deleted)
			}

			if !slices.Equal(ended.Patients, []nhs.Number{number}) {
				t.Errorf("%s: Patients = %v, want only %s", name, ended.Patients, number)
			}
		}
	}
}

func TestTake_WhatAnEndStillNeeds(t *testing.T) {
	end := []string{"action", "end", "kind", "CPP", "nhsNumber", tess.Digits(), "reference", "R1", "end", "01/07/2026"}
	for _, c := range []struct {
		name    string
		changed []string
		says    string
	}{
		{"no reference and no start", []string{"reference", ""}, "Start: the date is missing"},
		{"no end", []string{"end", ""}, "End: the date is missing"},
		{"no date", []string{"end", "soon"}, "End: it is not a date"},
		{"an end before the start", []string{"end", "02/02/2026"}, "End: it is before the start"},
		{"an end too far ahead", []string{"end", "16/07/2044"}, "End: it is more than 18 years ahead"},
		{"another start", []string{"start", "04/02/2026"}, "Reference: you have no plan"},
		{"another reference", []string{"reference", "R3"}, "Reference: you have no plan"},
		{"another kind", []string{"kind", "LAC"}, "Reference: you have no plan"},
		{"another's plan", []string{"reference", "theirs"}, "Reference: you have no plan"},
		{"another's number", []string{"nhsNumber", mother.Digits()}, "Reference: you have no plan"},
		{"a reference that two plans have", []string{"reference", "twice"}, "Start: more than one plan"},
	} {
		r := newRecords(t)
		theirs := on("theirs", tess, "theirs")
		theirs.Authority = "V998"
		again := on("b", tess, "twice")
		again.Start = started.AddDays(1)
		r.plans = []store.Plan{on("p", tess, "R1"), theirs, on("a", tess, "twice"), again}
		taken := r.process(t, bareRow(append(slices.Clone(end), c.changed...)...))
		if got := taken.Rows[0]; got.Code != upload.Failure || !strings.HasPrefix(got.Sentence, c.says) ||
			len(taken.Plans)+len(taken.Deleted) != 0 {
			t.Errorf("%s: got %+v, want %s %q", c.name, got, upload.Failure, c.says)
		}
	}

	r := newRecords(t)
	again := on("b", tess, "twice")
	again.Start = started.AddDays(1)
	r.plans = []store.Plan{on("a", tess, "twice"), again}
	if taken := r.process(t, bareRow(append(end, "reference", "twice", "start", "04/02/2026")...)); len(
		taken.Plans,
	) != 1 || taken.Plans[0].ID != "b" {
		t.Errorf("ending one of two plans by its start = %+v, want plan b", taken)
	}
}

// TestTake_NoAnswerToAnEndSaysWhoThePatientIs ends a plan that does not exist, without demographics. All answers must
// be equal, whatever the patient's record is.
func TestTake_NoAnswerToAnEndSaysWhoThePatientIs(t *testing.T) {
	said := make(map[string]bool)
	for _, number := range []nhs.Number{tess, mother, hidden, merged, bare, wrong, traced, absent} {
		for _, action := range []string{"end", "delete"} {
			r := newRecords(t)
			theirs := on("theirs", tess, "R1")
			theirs.Authority = "V998"
			r.plans = []store.Plan{theirs}
			got := r.process(t, bareRow("action", action, "kind", "CPP", "nhsNumber", number.Digits(), "reference",
				"R1", "end", "01/07/2026")).Rows[0]
			said[string(got.Code)+" "+got.Sentence] = true
		}
	}
	if len(said) != 1 {
		t.Errorf("answers = %q, want the same answer for all", slices.Sorted(maps.Keys(said)))
	}
}

func TestTake_APlanUnderAnotherNumberOfThePatient(t *testing.T) {
	end := func(n nhs.Number) upload.Row {
		return bareRow("action", "end", "kind", "CPP", "nhsNumber", n.Digits(), "reference", "R1", "end", "01/07/2026")
	}

	for _, c := range []struct{ on, sent nhs.Number }{{merged, tess}, {tess, merged}, {merged, bare}} {
		r := newRecords(t)
		r.plans = []store.Plan{on("p", c.on, "R1")}
		if taken := r.process(t, end(c.sent)); len(taken.Plans) != 1 || taken.Plans[0].Number != c.on ||
			taken.Plans[0].End.IsZero() {
			t.Errorf("plan under %s, row with %s: got %+v, want the plan ended", c.on.Digits(), c.sent.Digits(), taken)
		}

		// For a restricted patient, no answer may disclose that two numbers belong to one person.
		p := r.people[tess]
		p.Confidential = true
		r.people[tess] = p
		if taken := r.process(t, end(c.sent)); taken.Rows[0].Code != upload.Failure || len(taken.Plans) != 0 {
			t.Errorf("restricted, plan under %s, row with %s: got %+v, want failure",
				c.on.Digits(), c.sent.Digits(), taken)
		}

		if taken := r.process(t, end(c.on)); len(taken.Plans) != 1 {
			t.Errorf("restricted, row with the plan's own number: got %+v, want one plan", taken)
		}
	}
}

// A plan was sent for each of two records of a child, which have since been merged. Both copies are ended together.
func TestTake_APlanUnderBothNumbersOfAPatient(t *testing.T) {
	for _, action := range []string{"end", "delete"} {
		r := newRecords(t)
		r.plans = []store.Plan{on("a", merged, "R1"), on("b", tess, "R1"), on("c", tess, "R2")}
		taken := r.process(t, bareRow("action", action, "kind", "CPP", "nhsNumber", tess.Digits(), "reference", "R1",
			"end", "01/07/2026"))
		ids := taken.Deleted
		for _, p := range taken.Plans {
			ids = append(ids, p.ID)
		}
		if !slices.Equal(ids, []string{"a", "b"}) || action == "end" &&
			(taken.Plans[0].End.IsZero() || taken.Plans[1].End.IsZero()) {
			t.Errorf("%s: got %+v, want both plans changed", action, taken)
		}
	}
}

// Rows with different numbers of one patient refer to the same plans.
func TestTake_TwoNumbersOfAPatientInOneFile(t *testing.T) {
	for range 20 { // repeated because map order is random
		r := newRecords(t)
		r.plans = []store.Plan{on("p", merged, "R1")}
		taken := r.process(t,
			bareRow("action", "end", "kind", "CPP", "nhsNumber", merged.Digits(), "reference", "R1", "end",
				"01/07/2026"),
			row("action", "update", "start", "2026-02-04"),
			bareRow("action", "delete", "kind", "CPP", "nhsNumber", merged.Digits(), "reference", "R1"),
			bareRow("action", "delete", "kind", "CPP", "nhsNumber", tess.Digits(), "reference", "R1"),
		)

		var said []string
		for _, a := range taken.Rows {
			said = append(said, string(a.Code)+" "+a.Sentence[:6])
		}

		if got := strings.Join(said, ", "); got != "CPR06 Ended., CPR06 Update, CPR06 Delete, CPR07 Refere" {
			t.Fatalf("answers = %s, want one plan ended, updated and deleted, and then none found", got)
		}

		if !slices.Equal(taken.Deleted, []string{"p"}) || len(taken.Plans) != 0 {
			t.Fatalf("plans = %+v, deleted = %v, want only p deleted", taken.Plans, taken.Deleted)
		}
	}
}

func TestTake_AnImportedReferenceWithWhatPrintsNothing(t *testing.T) {
	r := newRecords(t)
	r.plans = []store.Plan{on("p", wrong, "\u200eR1 ")}
	taken := r.process(t, bareRow("action", "end", "kind", "CPP", "nhsNumber", wrong.Digits(), "reference", "R1", "end",
		"01/07/2026"))
	if len(taken.Plans) != 1 || taken.Plans[0].Reference != "\u200eR1 " {
		t.Errorf("ending a plan whose reference has invisible characters = %+v, want one plan", taken)
	}
}

func TestTake_NothingIsEndedWhileTheRecordsDoNotAnswer(t *testing.T) {
	r := newRecords(t)
	r.plans, r.down = []store.Plan{on("p", tess, "R1")}, errors.New("disk gone")
	rows := []upload.Row{bareRow("action", "end", "kind", "CPP", "nhsNumber", tess.Digits(), "reference", "R1", "end",
		"01/07/2026")}
	if taken, err := upload.New(r, r, r, cpis.Standard(), uuid.NewString).Process(t.Context(), "V999",
		&upload.File{Rows: rows}, today); !errors.Is(err, upload.ErrPDS) || taken != nil {
		t.Errorf("Take = %+v, %v, want ErrPDS", taken, err)
	}
}

func TestATableOfEndsNeedsNoColumnOfThePatient(t *testing.T) {
	const heads = "Action,Kind,NHS number,Reference,End\n"
	const ends = "end,CPP,9990000018,R1,01/07/2026\ndelete,LAC,9990000026,R2,\n"
	rows, err := upload.ParseCSV([]byte(heads + ends))
	if err != nil || len(rows) != 2 {
		t.Fatalf("ParseCSV returned %d rows, error %v, want 2 rows", len(rows), err)
	}
	_, err = upload.ParseCSV([]byte(heads + ends + "add,CPP,9990000018,R1,\n"))
	var bad *upload.FileError
	if !errors.As(err, &bad) ||
		!strings.Contains(bad.Sentence, "no heading for Birth date, Family name, Given name, Start") {
		t.Errorf("ParseCSV error = %v, want the four missing headings", err)
	}
	if _, err = upload.ParseCSV([]byte("Action,NHS number,Reference\n" + "delete,9990000018,R1\n")); !errors.As(err,
		&bad) || !strings.Contains(bad.Sentence, "no heading for Kind") {
		t.Errorf("ParseCSV error = %v, want the missing heading Kind", err)
	}
}
