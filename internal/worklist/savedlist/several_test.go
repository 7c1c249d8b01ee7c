package savedlist_test

import (
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/sealed"
	"wardlight/internal/worklist"
	"wardlight/internal/worklist/savedlist"
)

// two is the list of the tests with two processes, each with a shelf of its own in the same folder.
var two = []worklist.Patient{{Line: 1, Number: "9990000018"}, {Line: 2, Number: "9990000026"}}

// beside returns the shelves of two processes of the same user.
func beside(t *testing.T) (here, there *savedlist.Store) {
	t.Helper()
	var config savedlist.Config
	here, _, _ = setUp(t, func(c *savedlist.Config) { config = *c })
	return here, savedlist.New(config)
}

// answered returns a check of patients with an answer about the one at an index.
func answered(patients []worklist.Patient, at int, state client.State, when time.Time) *worklist.Check {
	c := worklist.NewCheck(patients, 0)
	c.RecordOtherLamp(client.Lamp{Number: patients[at].Number, State: state, AsOf: when})
	return c
}

func saves(t *testing.T, s *savedlist.Store, c *worklist.Check, made time.Time) error {
	t.Helper()
	return s.SaveList(t.Context(), ada, c.Encode(made, ada.Person))
}

func offered(t *testing.T, s *savedlist.Store) *worklist.SavedList {
	t.Helper()
	k, err := s.LoadSaved(t.Context(), ada, noon)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTheListOfAnotherProgramIsNotReplaced(t *testing.T) {
	here, there := beside(t)
	if offered(t, here) != nil || offered(t, there) != nil {
		t.Fatal("a list is saved before the test")
	}

	other := []worklist.Patient{{Line: 1, Number: nhs.Number("9990000034")}}
	if err := saves(t, here, worklist.NewCheck(two, 0), noon); err != nil {
		t.Fatal(err)
	}

	for range 2 {
		if err := saves(t, there, worklist.NewCheck(other, 0), noon.Add(time.Second)); sealed.KindOf(
			err,
		) != sealed.Replaced {
			t.Errorf("Keep of another list: error %v, want Replaced", err)
		}
	}

	if err := there.RemoveSaved(t.Context(), ada); err != nil {
		t.Error(err)
	}

	if k := offered(t, here); k == nil || !k.Same(two) {
		t.Errorf("saved list = %+v, want the first one", k)
	}

	// A process that has loaded the list may replace it.
	if k := offered(t, there); k == nil || !k.Same(two) {
		t.Fatalf("saved list = %+v, want the first one", k)
	}

	if err := saves(t, there, worklist.NewCheck(other, 0), noon.Add(time.Second)); err != nil {
		t.Error(err)
	}

	if err := saves(t, here, worklist.NewCheck(two, 0), noon); sealed.KindOf(err) != sealed.Replaced {
		t.Errorf("Keep by the first process: error %v, want Replaced", err)
	}

	if err := here.RemoveSaved(t.Context(), ada); err != nil {
		t.Error(err)
	}

	if k := offered(t, there); k == nil || !k.Same(other) {
		t.Errorf("saved list = %+v, want the second one", k)
	}
}

func TestAListThatAnotherProgramRemovedDoesNotComeBack(t *testing.T) {
	here, there := beside(t)
	if err := saves(t, here, worklist.NewCheck(two, 0), noon); err != nil {
		t.Fatal(err)
	}
	offered(t, there)
	if err := there.RemoveSaved(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := saves(t, here, answered(two, 0, client.Alert, noon), noon); sealed.KindOf(err) != sealed.Removed {
			t.Errorf("Keep of a removed list: error %v, want Gone", err)
		}
	}
	if k := offered(t, there); k != nil {
		t.Errorf("saved list = %+v, want none", k)
	}
	if err := saves(t, here, worklist.NewCheck(two, 0), noon.Add(time.Minute)); err != nil {
		t.Errorf("Keep of another list: %v", err)
	}
}

func TestTheAnswersOfTwoProgramsAtOneListAreBothKept(t *testing.T) {
	here, there := beside(t)
	if err := saves(t, here, worklist.NewCheck(two, 0), noon); err != nil {
		t.Fatal(err)
	}

	offered(t, there)

	for _, c := range []struct {
		s     *savedlist.Store
		check *worklist.Check
	}{
		{there, answered(two, 0, client.Alert, noon.Add(2*time.Second))},
		{here, answered(two, 1, client.NoneRecorded, noon.Add(time.Second))},
		{here, answered(two, 0, client.NoneRecorded, noon.Add(time.Second))}, // older than the alert
	} {
		if err := saves(t, c.s, c.check, noon); err != nil {
			t.Fatal(err)
		}
	}

	k := offered(t, here)
	if first, second := k.Checked[0].Answer, k.Checked[1].Answer; first.State != client.Alert ||
		second.State != client.NoneRecorded {
		t.Errorf("merged answers = %+v and %+v, want an alert and none recorded", first, second)
	}

	// The answers of another person are not merged.
	if err := here.SaveList(t.Context(), bo, answered(two, 0, client.NoneRecorded, noon).Encode(noon,
		bo.Person)); err != nil {
		t.Fatal(err)
	}

	if k := offered(t, here); k.Person != bo.Person || k.Checked[0].Answer.State != client.NoneRecorded ||
		k.Checked[1].Answer.State != client.NotChecked {
		t.Errorf("saved list = %+v, want only the answers given to bo", k)
	}
}
