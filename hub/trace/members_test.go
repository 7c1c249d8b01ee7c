package trace

import (
	"bytes"
	"encoding/json"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// FuzzMembers holds the taking apart of a record against encoding/json.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1}`, ` { "a" : [ 1 , {"b":"}"} ] , "c\"d" : "\\" , "e":null} `, `{"a":"\u0061","a":{}}`, `{"x":[[],[""]],"y":-1.5e3,"z":true}`, `[]`, `"{"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if !json.Valid(b) {
			for range members(b) { //nolint:revive // it has to come to an end
			}
			for range elements(b) { //nolint:revive // it has to come to an end
			}
			return
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(b, &object) == nil && object != nil {
			got := make(map[string]json.RawMessage)
			for name, value := range members(b) {
				got[name] = value
			}
			if len(got) != len(object) {
				t.Fatalf("%d members, want %d", len(got), len(object))
			}
			for name, value := range object {
				if !bytes.Equal(got[name], value) {
					t.Fatalf("%q: %s, want %s", name, got[name], value)
				}
			}
		}
		var array []json.RawMessage
		if json.Unmarshal(b, &array) == nil {
			i := 0
			for value := range elements(b) {
				if i >= len(array) || !bytes.Equal(value, array[i]) {
					t.Fatalf("element %d is %s of %s", i, value, b)
				}
				i++
			}
			if i != len(array) {
				t.Fatalf("%d elements, want %d", i, len(array))
			}
		}
	})
}

func TestARowShowsWhatASearchMayShow(t *testing.T) {
	today := nhs.Date{Year: 2026, Month: 7, Day: 15}
	const body = `{"resourceType":"Patient","id":"9990000018","link":[1],"name":[{"use":"old","family":"Was"},{"use":"usual","family":"Is"},` +
		`{"use":"nickname","family":"Will","period":{"start":"2026-07-16"}}],"address":[{"use":"temp"},{"use":"home","period":{"end":"2026-07-14"}}],` +
		`"telecom":[{"value":"1","period":{"start":"2020","end":"2026-07-15"}}],"extension":[{"url":"x/Language"},{"url":"x/DeathNotificationStatus"}],"gender":null}`
	for _, c := range []struct {
		p    store.Patient
		want string
	}{
		{
			store.Patient{Body: []byte(body)},
			`{"resourceType":"Patient","id":"9990000018","name":[{"use":"usual","family":"Is"}],` +
				`"telecom":[{"value":"1","period":{"start":"2020","end":"2026-07-15"}}],"extension":[{"url":"x/DeathNotificationStatus"}],"gender":null}`,
		},
		{
			store.Patient{Body: []byte(body), Confidential: true},
			`{"resourceType":"Patient","id":"9990000018","name":[{"use":"usual","family":"Is"}],` +
				`"extension":[{"url":"x/DeathNotificationStatus"}],"gender":null}`,
		},
		{store.Patient{Body: []byte(`{"contact":[],"name":[]}`), Confidential: true}, `{}`},
		// Nobody is left without a name for what is said of its use or time.
		{
			store.Patient{Body: []byte(`{"name":[{"use":"old","family":"Was"},{"use":"usual","family":"Is","period":{"end":"2021-12-31"}},{"family":"Too"}]}`)},
			`{"name":[{"use":"usual","family":"Is","period":{"end":"2021-12-31"}},{"family":"Too"}]}`,
		},
		{store.Patient{Body: []byte(`{"name":[{"use":"official","family":"Is"},{"use":"maiden","family":"Was"}]}`)}, `{"name":[{"use":"official","family":"Is"}]}`},
		// A member written otherwise is the same member.
		{store.Patient{Body: []byte(`{"addr\u0065ss":[{"use":"home"}],"id":"1"}`), Confidential: true}, `{"id":"1"}`},
	} {
		got, err := searchRow(c.p, today)
		if err != nil || string(got) != c.want {
			t.Errorf("%s, %v\nwant %s", got, err, c.want)
		}
	}
	for _, bad := range []string{``, `[]`, `{"name":1}`, `{"name"`} {
		if got, err := searchRow(store.Patient{Body: []byte(bad)}, today); err == nil {
			t.Errorf("%s gave %s", bad, got)
		}
	}
}

func TestWhereSomebodyGetsTheirMedicinesIsTheirWhereabouts(t *testing.T) {
	const core = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
	p := store.Patient{Confidential: true, Body: []byte(`{"extension":[{"url":"` + core + `NominatedPharmacy"},{"url":"` + core + `DeathNotificationStatus"},` +
		`{"url":"` + core + `PreferredDispenserOrganization"},{"url":"` + core + `MedicalApplianceSupplier"},{"url":"x/Language"}],"managingOrganization":{},"id":"1"}`)}
	if r, err := retrieved(p); err != nil || string(r.Document) != `{"extension":[{"url":"`+core+`DeathNotificationStatus"},{"url":"x/Language"}],"id":"1"}` {
		t.Errorf("%s, %v", r.Document, err)
	}
	p.Body = []byte(`{"extension":[{"url":"` + core + `NominatedPharmacy"}],"id":"1"}`)
	if r, err := retrieved(p); err != nil || string(r.Document) != `{"id":"1"}` {
		t.Errorf("%s, %v", r.Document, err)
	}
}

func TestARestrictedRecordIsRetrievedWithoutWhereabouts(t *testing.T) {
	p := store.Patient{Body: []byte(`{"x\"y":1,"meta":{"versionId":"7"},"addr\u0065ss":[],"telecom":[],"contact":[],"generalPractitioner":[]}`)}
	if r, err := retrieved(p); err != nil || r.Version != "7" || string(r.Document) != string(p.Body) {
		t.Errorf("%+v, %v", r, err)
	}
	p.Confidential = true
	if r, err := retrieved(p); err != nil || r.Version != "7" || string(r.Document) != `{"x\"y":1,"meta":{"versionId":"7"}}` {
		t.Errorf("%s, %v", r.Document, err)
	}
}
