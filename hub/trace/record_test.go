package trace_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Records are imported, so their bytes are untrusted.
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
				t.Errorf("the error contains the patient's number: %v", err)
			}
			return
		}

		var saved fhir.Patient
		if err := json.Unmarshal(row.Body, &saved); err != nil {
			t.Fatal(err)
		}

		for _, a := range saved.Address {
			for _, line := range a.Line {
				if strings.TrimSpace(line) == "" {
					t.Errorf("got a blank address line in %s", row.Body)
				}
			}
		}

		again, err := trace.Record(&saved)
		if err != nil || string(again.Body) != string(row.Body) || again.Number.Digits() != p.ID {
			t.Errorf("Record returned %s, and %s, %v for that; want no change", row.Body, again.Body, err)
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

// Members that the hub doesn't use must be stored all the same: contacts, the managing organisation, and how to
// communicate.
func TestAnImportedRecordIsKeptWhole(t *testing.T) {
	const came = `{"resourceType":"Patient","id":"9990000018","link":[],"text":{"status":"generated"},"meta":{"security":[{"code":"%s"}]},
		"name":[{"use":"usual","family":"Example","given":["Tess"]}],"address":[{"use":"home","line":["","4 Made Up Row"],"postalCode":"LS1 4AP"}],
		"contact": [ {"id":"c1","telecom":[{"system":"phone","value":"01632960587"}]} ],
		"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication","valueString":"x"}],
		"managingOrganization":{"identifier":{"value":"Y12345"}}}`

	for code, want := range map[string][]string{
		// the managing organisation is a general practice
		"U": {"contact", "extension", "managingOrganization", "address"}, "R": {"extension"},
	} {
		row, err := trace.Document([]byte(strings.Replace(came, "%s", code, 1)))
		if err != nil {
			t.Fatal(err)
		}

		got, err := trace.New(one{patient: row}).Retrieve(t.Context(), row.Number)
		if err != nil {
			t.Fatal(err)
		}

		var document map[string]json.RawMessage
		if err := json.Unmarshal(got.Document, &document); err != nil {
			t.Fatalf("decoding %s: %v", got.Document, err)
		}

		for _, name := range []string{"contact", "extension", "managingOrganization", "address", "text", "link"} {
			if _, there := document[name]; there != slices.Contains(want, name) {
				t.Errorf("security %s: member %s present: %v, want %v", code, name, there, !there)
			}
		}

		if strings.Contains(string(got.Document), `""`) {
			t.Errorf("got a blank line in %s", got.Document)
		}
	}

	for name, bad := range map[string]string{
		"no JSON": "{", "no patient": "[]", "a number that is none": `{"id":"999000001"}`,
		"twice": `{"id":"9990000018","contact":[{}],"contact":[{}]}`,
	} {
		if _, err := trace.Document([]byte(bad)); err == nil || strings.Contains(err.Error(), "9990") {
			t.Errorf("Document of %s: got error %v, want one without the number", name, err)
		}
	}
}

// one is a store with one patient.
type one struct {
	store.People
	patient store.Patient
}

func (o one) Patient(_ context.Context, number nhs.Number) (store.Patient, error) {
	if number != o.patient.Number {
		return store.Patient{}, store.ErrNotFound
	}
	return o.patient, nil
}

func TestWhatIsSaidOfConfidentialityIsTakenAtItsStrictest(t *testing.T) {
	for codes, want := range map[string]struct{ confidential, invalidated bool }{
		`[]`: {}, `[U]`: {}, `[N]`: {}, `[R]`: {true, false}, `[V]`: {true, false}, `[REDACTED]`: {false, true},
		`[U R]`: {true, false}, `[V U]`: {true, false}, `[R REDACTED]`: {false, true},
		`[S]`: {true, false}, // an unknown code counts as restricted
	} {
		p := fhir.Patient{
			ResourceType: "Patient", ID: "9990000018",
			Meta: &fhir.Meta{Security: []fhir.Coding{{System: "urn:example:other", Code: "X"}}},
		}
		for _, code := range strings.Fields(strings.Trim(codes, "[]")) {
			p.Meta.Security = append(p.Meta.Security, fhir.Coding{System: fhir.SystemConfidential, Code: code})
		}
		r, err := trace.Record(&p)
		if err != nil || r.Confidential != want.confidential || r.Invalidated != want.invalidated {
			t.Errorf("codes %s: got restricted %t, invalidated %t, error %v; want %+v", codes, r.Confidential,
				r.Invalidated, err, want)
		}
	}
}
