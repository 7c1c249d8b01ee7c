package client

import "testing"

func TestEveryKindHasWordsAndANameOfItsOwn(t *testing.T) {
	names := make(map[string]bool)
	codes := make(map[string]bool)
	for k := Unexpected; k <= AlertClosed; k++ {
		e := &Error{Kind: k}
		if e.Sentence() == "" || e.Advice() == "" || e.Code() == "" || k.String() == "" {
			t.Errorf("kind %d: got %v, want a sentence, advice, a code and a name", k, e)
		}
		if names[k.String()] || codes[e.Code()] {
			t.Errorf("kind %d: name %q or code %s is that of another kind", k, k, e.Code())
		}
		names[k.String()], codes[e.Code()] = true, true
	}
	if len(table) != len(names) {
		t.Errorf("kinds in the table: got %d, want %d", len(table), len(names))
	}
}

func TestTheFourStatesAreToldApart(t *testing.T) {
	for s, want := range map[State][2]string{
		NotChecked:    {"not checked", "not_checked"},
		CouldNotCheck: {"could not check", "could_not_check"},
		NoneRecorded:  {"none recorded", "none_recorded"},
		Alert:         {"ALERT", "alert"},
		State(99):     {"not checked", "not_checked"},
	} {
		if s.String() != want[0] || s.Name() != want[1] {
			t.Errorf("state %d: got %q and %q, want %q and %q", s, s, s.Name(), want[0], want[1])
		}
	}
}
