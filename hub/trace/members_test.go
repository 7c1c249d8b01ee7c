package trace

import (
	"bytes"
	"encoding/json"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// FuzzMembers compares members and elements with encoding/json.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1}`, ` { "a" : [ 1 , {"b":"}"} ] , "c\"d" : "\\" , "e":null} `, `{"a":"\u0061","a":{}}`,
		`{"x":[[],[""]],"y":-1.5e3,"z":true}`, `[]`, `"{"`,
	} {
		f.Add([]byte(seed))
	}

	f.Fuzz(func(t *testing.T, b []byte) {
		if !json.Valid(b) {
			for range members(b) { //nolint:revive // must terminate
			}
			for range elements(b) { //nolint:revive // must terminate
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
				t.Fatalf("got %d members, want %d", len(got), len(object))
			}
			for name, value := range object {
				if !bytes.Equal(got[name], value) {
					t.Fatalf("member %q: got %s, want %s", name, got[name], value)
				}
			}
		}

		var array []json.RawMessage
		if json.Unmarshal(b, &array) == nil {
			i := 0
			for value := range elements(b) {
				if i >= len(array) || !bytes.Equal(value, array[i]) {
					t.Fatalf("element %d: got %s of %s, want the same as encoding/json", i, value, b)
				}
				i++
			}
			if i != len(array) {
				t.Fatalf("got %d elements, want %d", i, len(array))
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
		// A patient is listed with a name whatever its use or period.
		{
			store.Patient{Body: []byte(
				`{"name":[{"use":"old","family":"Was"},{"use":"usual","family":"Is","period":{"end":"2021-12-31"}},{"family":"Too"}]}`,
			)},
			`{"name":[{"use":"usual","family":"Is","period":{"end":"2021-12-31"}},{"family":"Too"}]}`,
		},
		{
			store.Patient{Body: []byte(`{"name":[{"use":"official","family":"Is"},{"use":"maiden","family":"Was"}]}`)},
			`{"name":[{"use":"official","family":"Is"}]}`,
		},
		// A member name with escapes is the same member.
		{store.Patient{Body: []byte(`{"addr\u0065ss":[{"use":"home"}],"id":"1"}`), Confidential: true}, `{"id":"1"}`},
	} {
		got, err := searchRow(c.p, today)
		if err != nil || string(got) != c.want {
			t.Errorf("searchRow = %s, %v\nwant %s", got, err, c.want)
		}
	}

	for _, bad := range []string{``, `[]`, `{"name":1}`, `{"name"`} {
		if got, err := searchRow(store.Patient{Body: []byte(bad)}, today); err == nil {
			t.Errorf("searchRow(%q) = %s, want error", bad, got)
		}
	}
}

func TestWhereSomebodyGetsTheirMedicinesIsTheirWhereabouts(t *testing.T) {
	const core = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
	p := store.Patient{Confidential: true, Body: []byte(`{"extension":[{"url":"` + core +
		`NominatedPharmacy"},{"url":"` + core + `DeathNotificationStatus"},` +
		`{"url":"` + core + `PreferredDispenserOrganization"},{"url":"` + core +
		`MedicalApplianceSupplier"},{"url":"x/Language"}],"managingOrganization":{},"id":"1"}`)}
	if r, err := retrieved(p); err != nil || string(r.Document) != `{"extension":[{"url":"`+core+
		`DeathNotificationStatus"},{"url":"x/Language"}],"id":"1"}` {
		t.Errorf("retrieved = %s, %v; want the record without pharmacy, suppliers and managing organisation",
			r.Document, err)
	}
	p.Body = []byte(`{"extension":[{"url":"` + core + `NominatedPharmacy"}],"id":"1"}`)
	if r, err := retrieved(p); err != nil || string(r.Document) != `{"id":"1"}` {
		t.Errorf("retrieved = %s, %v; want the record without extensions", r.Document, err)
	}
}

func TestARestrictedRecordIsRetrievedWithoutWhereabouts(t *testing.T) {
	p := store.Patient{Body: []byte(
		`{"x\"y":1,"meta":{"versionId":"7"},"addr\u0065ss":[],"telecom":[],"contact":[],"generalPractitioner":[]}`,
	)}
	if r, err := retrieved(p); err != nil || r.Version != "7" || string(r.Document) != string(p.Body) {
		t.Errorf("retrieved = %+v, %v; want version 7 and the record unchanged", r, err)
	}
	p.Confidential = true
	if r, err := retrieved(p); err != nil || r.Version != "7" ||
		string(r.Document) != `{"x\"y":1,"meta":{"versionId":"7"}}` {
		t.Errorf("retrieved a restricted record: got %s, %v; want no address and no contacts", r.Document, err)
	}
}
