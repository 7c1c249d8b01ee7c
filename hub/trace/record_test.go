package trace_test

import (
	"encoding/json"
	"strings"
	"testing"

	"wardlight/hub/trace"
	"wardlight/internal/fhir"
)

// A record comes from an import: bytes that others wrote.
func FuzzRecord(f *testing.F) {
	for _, s := range []string{
		`{"resourceType":"Patient","id":"9990000018"}`,
		`{"resourceType":"Patient","id":"9990000018","name":[{"use":"usual","family":"O’Brien","given":["John Paul"," "],"period":{"start":"2016","end":"2020-01-01"}}],` +
			`"birthDate":"2016-03","deceasedDateTime":"2020-01-01T00:00:00+00:00","address":[{"line":["","4 Made Up Row",""],"postalCode":"LS1 4AP"}],` +
			`"telecom":[{"system":"email","value":"A@B"},{"system":"phone","value":"+44 1632"}],"generalPractitioner":[{"identifier":{"value":"Y1"}}]}`,
		`{"id":"999000001"}`, `{"id":"9990000018","birthDate":"soon"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p fhir.Patient
		if json.Unmarshal(raw, &p) != nil {
			return
		}
		row, err := trace.Record(&p)
		if err != nil {
			if strings.Contains(err.Error(), p.ID) && len(p.ID) > 6 {
				t.Errorf("the error names the patient: %v", err)
			}
			return
		}
		var kept fhir.Patient
		if err := json.Unmarshal(row.Body, &kept); err != nil {
			t.Fatal(err)
		}
		for _, a := range kept.Address {
			for _, line := range a.Line {
				if strings.TrimSpace(line) == "" {
					t.Errorf("a blank line in %s", row.Body)
				}
			}
		}
		again, err := trace.Record(&kept)
		if err != nil || string(again.Body) != string(row.Body) || again.Number.Digits() != p.ID {
			t.Errorf("kept as %s, and that as %s, %v", row.Body, again.Body, err)
		}
		for _, n := range row.Keys.Names {
			for _, g := range append(n.Given, n.Family) {
				if g != trace.Fold(g) {
					t.Errorf("%q is not folded", g)
				}
			}
		}
	})
}
