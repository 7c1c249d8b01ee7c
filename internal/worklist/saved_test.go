package worklist_test

import (
	"reflect"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/internal/text"
	"wardlight/internal/worklist"
)

const (
	ada = "999000000111"
	bo  = "999000000112"
)

// halfway returns a check with a patient in each state.
func halfway() *worklist.Check {
	patients := append(list(5), worklist.Patient{Line: 6, NumberText: "x", Fault: "No.", Name: "Sam"})
	patients[1].Again, patients[1].OtherName = []int{7}, true
	c := worklist.NewCheck(patients, fast)
	c.Next(noon)
	c.RecordLamp(0, none(c, 0), noon)
	unrecorded := lit(c, 1)
	unrecorded.RecordMissing = true
	c.RecordLamp(1, unrecorded, noon)
	c.RecordLamp(2, failed(c, 2, &client.Error{Kind: client.NotFound, Status: 404}), noon)
	return c // 3 and 4 are being asked about
}

func TestAKeptListIsTheSameListAndWhatWasOnItsWayIsNotChecked(t *testing.T) {
	c := halfway()
	k, err := worklist.Decode(c.Encode(noon, ada))
	if err != nil || !k.ReadAt.Equal(noon) || k.Person != ada {
		t.Fatalf("Open(Keep) = %+v, %v, want made at %v by %s", k, err, noon, ada)
	}

	again := k.Check(ada, fast)
	for at := range c.Len() {
		was, is := c.Answer(at), again.Answer(at)
		if was.State != is.State || !was.AsOf.Equal(is.AsOf) || was.RequestID != is.RequestID ||
			was.RecordMissing != is.RecordMissing || is.RecordMissing != (at == 1) ||
			(was.Why == nil) != (is.Why == nil) {
			t.Errorf("Answer(%d) = %+v, want %+v", at, is, was)
		}
		if was.Why != nil && *was.Why != *is.Why {
			t.Errorf("reason of %d = %+v, want %+v", at, *is.Why, *was.Why)
		}
	}

	if got, want := k.Tally(ada), (worklist.Tally{
		All: 6, Alerts: 1, NoneRecorded: 1, CouldNotCheck: 1, NotChecked: 3,
		Faulty: 1,
	}); got != want {
		t.Errorf("Tally = %+v, want %+v", got, want)
	}

	asks(t, again.Next(noon), 3, 4)
	if !k.Same(k.Patients()) || k.Same(k.Patients()[1:]) {
		t.Error("Same is wrong for the list's patients, or for all but the first")
	}
}

func TestAnotherPersonGetsTheListWithoutTheAnswers(t *testing.T) {
	k, err := worklist.Decode(halfway().Encode(noon, ada))
	if err != nil {
		t.Fatal(err)
	}
	c := k.Check(bo, fast)
	if got := c.Tally(); got != (worklist.Tally{All: 6, NotChecked: 6, Faulty: 1}) {
		t.Errorf("Tally of another person = %+v, want all not checked", got)
	}
	asks(t, c.Next(noon), 0, 1, 2, 3)
}

func TestWhatIsNoKeptListIsRefusedAndAHalfAnswerIsNone(t *testing.T) {
	good := string(halfway().Encode(noon, ada))
	for name, b := range map[string]string{
		"nothing": "", "no JSON": "x", "another version": strings.Replace(good, `"version":2`, `"version":3`, 1),
		"nobody":                `{"version":1}`,
		"a number that is none": strings.Replace(good, `"number":"999`, `"number":"998`, 1),
	} {
		if k, err := worklist.Decode([]byte(b)); err == nil {
			t.Errorf("Open of %s = %+v, want error", name, k)
		}
	}

	for name, b := range map[string]string{
		"no time":         strings.ReplaceAll(good, `"as_of":"2026-11-22T12:00:00Z",`, ""),
		"an unknown word": strings.NewReplacer(`"none_recorded"`, `"fine"`, `"alert"`, `"fine"`).Replace(good),
	} {
		b := strings.ReplaceAll(b, `,"as_of":"2026-11-22T12:00:00Z"`, "")
		k, err := worklist.Decode([]byte(b))
		if err != nil {
			t.Fatalf("Open of %s: %v", name, err)
		}
		if got := k.Tally(ada); got.NoneRecorded != 0 || got.Alerts != 0 || got.NotChecked != 5 {
			t.Errorf("Open of %s: Tally = %+v, want 5 not checked", name, got)
		}
	}
}

// hostileSaved is a saved list that this program did not write.
const hostileSaved = `{"version":2,"by":"1","patients":[{"line":1,"given":"\u001b[2J","fault":"\u202eno","name":"W\u200b","born":"\u0301x",
	"state":"could_not_check"},{"line":2,"number":"9990000018","name":"\u0007","request":"\u009b","state":"could_not_check",
	"why":{"kind":"\u001b","sentence":"\u001b]0;t\u0007","advice":"\u2028","code":"\ufeff"}}]}`

func TestTheTextsOfAKeptListAreCleanedLikeTheFilesOwn(t *testing.T) {
	k, err := worklist.Decode([]byte(hostileSaved))
	if err != nil {
		t.Fatal(err)
	}
	want := []worklist.SavedPatient{
		{Patient: worklist.Patient{Line: 1, NumberText: "␛[2J", Fault: "�no", Name: "W�", Born: "�x"}},
		{Patient: worklist.Patient{Line: 2, Number: "9990000018", Name: "␇"}, Answer: worklist.Answer{
			State: client.CouldNotCheck, RequestID: "�", Why: &worklist.Reason{
				Kind: "␛", Sentence: "␛]0;t␇",
				Advice: "�", Code: "�",
			},
		}},
	}
	if !reflect.DeepEqual(k.Checked, want) {
		t.Errorf("Open(hostileKept) = %+v, want %+v", k.Checked, want)
	}
}

func FuzzAKeptListNeverMakesAnAnswerOutOfNothing(f *testing.F) {
	f.Add(halfway().Encode(noon, ada))
	f.Add([]byte(hostileSaved))

	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := worklist.Decode(b)
		if err != nil {
			return
		}
		for _, c := range k.Checked {
			shown := []string{c.Patient.Name, c.Patient.Born, c.Patient.NumberText, c.Patient.Fault, c.Answer.RequestID}
			if why := c.Answer.Why; why != nil {
				shown = append(shown, why.Kind, why.Sentence, why.Advice, why.Code)
			}
			for _, s := range shown {
				if s != text.Clean(s, 0) {
					t.Fatalf("Open returned the text %q, which is not clean", s)
				}
			}
			if c.Answer.Known() && (!c.Patient.HasNumber() || c.Answer.AsOf.IsZero()) {
				t.Fatalf("Open returned an answer without a number or a time: %+v", c)
			}
		}
	})
}

func TestOpen_WhatWasComparedIsKept(t *testing.T) {
	patients := list(3)
	for i := range patients {
		patients[i].Name, patients[i].Family, patients[i].Born = "EXAMPLE, Tess", "Example", "04-Mar-2016"
	}

	c := worklist.NewCheck(patients, fast)
	c.Next(noon)
	c.RecordResult(0, worklist.Result{
		Lamp: lit(c, 0), Name: worklist.Same, Born: worklist.NotCompared,
		Current: "9990000026",
	}, noon)

	c.RecordResult(1, worklist.Result{
		Lamp: lit(c, 1), Name: worklist.NotCompared,
		RecordErr: &client.Error{Kind: client.Malformed},
	}, noon)

	c.RecordResult(2, worklist.ResultOf(patients[2], client.Patient{Number: patients[2].Number, Family: "Sample"}, nil,
		lit(c, 2), today), noon)
	saved := c.Encode(noon, ada)
	k, err := worklist.Decode(saved)
	if err != nil || !k.Same(patients) {
		t.Fatalf("Open = %+v, %v, want the same patients", k, err)
	}

	for at := range patients {
		if was, is := c.Answer(at), k.Check(ada, fast).Answer(at); was.Why == nil && was != is || was.Why != nil &&
			*was.Why != *is.Why {
			t.Errorf("Answer(%d) = %+v, want %+v", at, is, was)
		}
	}

	// The answers of version 1 were not compared with the record.
	k, err = worklist.Decode([]byte(strings.Replace(string(saved), `"version":2`, `"version":1`, 1)))
	if got, want := k.Tally(ada), (worklist.Tally{All: 3, NotChecked: 3}); err != nil || got != want {
		t.Errorf("Open of version 1: Tally = %+v, error %v, want %+v", got, err, want)
	}
}

func TestMerge_AnotherPatientsAlertThatWasNotCompared(t *testing.T) {
	patients := list(1)
	patients[0].Name = "Sample, Sam"
	saved := func(r func(*worklist.Check) worklist.Result) worklist.SavedList {
		c := worklist.NewCheck(patients, fast)
		c.Next(noon)
		c.RecordResult(0, r(c), noon)
		k, err := worklist.Decode(c.Encode(noon, ada))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}

	unread := saved(func(c *worklist.Check) worklist.Result {
		return worklist.ResultOf(patients[0], client.Patient{}, &client.Error{Kind: client.Malformed}, lit(c, 0), today)
	})

	another := saved(func(c *worklist.Check) worklist.Result {
		return worklist.ResultOf(patients[0], client.Patient{Number: patients[0].Number, Family: "Example"}, nil,
			lit(c, 0), today)
	})

	for name, merged := range map[string]worklist.SavedList{
		"into ours":   another.Merge(unread),
		"from theirs": unread.Merge(another),
	} {
		if a := merged.Checked[0].Answer; a.State != client.CouldNotCheck || a.Why == nil ||
			a.Why.Kind != worklist.KindOtherPatient {
			t.Errorf("merged %s: answer %+v, want could not check: another patient", name, a)
		}
	}
}
