package worklist_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/internal/worklist"
)

// withFlags returns a lamp with reasonable adjustments and FGM in these states.
func withFlags(l client.Lamp, adjustments, fgm client.State) client.Lamp {
	l.Flags = []client.FlagLamp{
		{Kind: client.ReasonableAdjustments, State: adjustments, Details: []string{"Uses a wheelchair"}},
		{Kind: client.FGM, State: fgm},
		{Kind: "something-new", State: client.Alert},
	}
	return l
}

// The flags of a row are in its notes and in the saved list. They change neither its state nor its place.
func TestFlags_OfARow(t *testing.T) {
	patients := list(3)
	c := worklist.NewCheck(patients, fast)
	asks(t, c.Next(noon), 0, 1, 2)
	c.RecordLamp(0, withFlags(none(c, 0), client.Alert, client.CouldNotCheck), noon)
	c.RecordLamp(1, withFlags(failed(c, 1, &client.Error{Kind: client.Malformed}), client.Alert, client.NotChecked),
		noon)
	c.RecordLamp(2, lit(c, 2), noon)

	if got := fmt.Sprint(c.Tally().Words(", "), c.Indexes(worklist.AlertsFirst)); got !=
		"1 ALERT, 1 could not check, 0 not checked, 1 none recorded[2 1 0]" {
		t.Errorf("tally and order: got %s", got)
	}
	for at, want := range map[int]string{
		0: "Reasonable adjustments: FLAG. Female genital mutilation: could not check.",
		1: "Reasonable adjustments: FLAG.", 2: "",
	} {
		if got := strings.Join(worklist.Notes(patients[at], c.Answer(at)), " "); got != want {
			t.Errorf("notes of row %d: got %q, want %q", at, got, want)
		}
	}

	saved := c.Encode(noon, "555000000111")
	if strings.Contains(string(saved), "wheelchair") {
		t.Error("the saved list has the details of a flag")
	}
	k, err := worklist.Decode(saved)
	if err != nil {
		t.Fatal(err)
	}
	for at := range patients {
		if got, want := k.Checked[at].Answer.Flags, c.Answer(at).Flags; got != want {
			t.Errorf("flags of row %d after decoding: got %v, want %v", at, got, want)
		}
	}
}

// A saved flag with another state than those that are known is not checked, and never none recorded.
func TestFlags_SavedUnknownState(t *testing.T) {
	c := worklist.NewCheck(list(1), fast)
	asks(t, c.Next(noon), 0)
	c.RecordLamp(0, withFlags(lit(c, 0), client.Alert, client.Alert), noon)
	k, err := worklist.Decode([]byte(strings.ReplaceAll(string(c.Encode(noon, "555000000111")), `"flag"`, `"new"`)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range k.Checked[0].Answer.Flags.All() {
		if f.State != client.NotChecked {
			t.Errorf("%s: got %v, want not checked", f.Kind, f.State)
		}
	}
}

// The flags of another patient's number are dropped.
func TestFlags_AnotherPatientsNumber(t *testing.T) {
	patients := list(1)
	patients[0].Name = "Example, Tess"
	c := worklist.NewCheck(patients, fast)
	asks(t, c.Next(noon), 0)
	lamp := withFlags(none(c, 0), client.Alert, client.Alert)
	c.RecordResult(0, worklist.ResultOf(patients[0], client.Patient{Number: patients[0].Number, Family: "Sample"}, nil,
		lamp, today), noon)
	if a := c.Answer(0); a.State != client.CouldNotCheck || len(a.Flags.All()) != 0 {
		t.Errorf("got %v with flags %v, want could not check without flags", a.State, a.Flags)
	}
	r := worklist.ResultOf(patients[0], client.Patient{}, errors.New("down"), lamp, today)
	if r.Lamp.State == client.NoneRecorded || len(r.Lamp.Flags) != 0 {
		t.Errorf("without a record: got %v with flags %v, want neither", r.Lamp.State, r.Lamp.Flags)
	}
}
