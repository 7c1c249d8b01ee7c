package summary_test

import (
	"encoding/json"
	"testing"
	"time"

	"wardlight/internal/nhs"
	"wardlight/internal/summary"
	"wardlight/internal/summary/summarytest"
)

// patient is the patient of the summaries that these tests make.
const patient = nhs.Number("9990000018")

type object = summarytest.Object

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The sections and rows of package summarytest.
var (
	section, allergies, row = summarytest.Section, summarytest.Allergies, summarytest.Row
	hostile                 = summarytest.Hostile()
)

// aPatient returns a Patient with an id and an NHS number.
func aPatient(id string, n nhs.Number) object {
	return object{
		"resourceType": "Patient", "id": id,
		"identifier": []object{{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": n.Digits()}},
	}
}

// aComposition returns a Composition about Patient/p with sections.
func aComposition(sections ...object) object {
	return object{
		"resourceType": "Composition", "id": "C0FFEE00-0000-4000-8000-000000000001", "status": "final",
		"type": object{"coding": []object{{
			"system": "http://snomed.info/sct", "code": "196981000000101", "display": "General Practice Summary",
		}}},
		"subject": object{"reference": "Patient/p"},
		"date":    "2026-11-20T08:15:00+00:00",
		"author":  []object{{"reference": "PractitionerRole/r"}},
		"section": sections,
	}
}

// aReference returns a DocumentReference about Patient/p with a permission to share.
func aReference(permission string) object {
	return object{
		"resourceType": "DocumentReference", "id": "d", "status": "current",
		"masterIdentifier": object{
			"system": "https://fhir.nhs.uk/Id/nhsSCRUUID", "value": "0B1F5A0C-58C1-4F5B-9D61-7C1D8F6F3E11",
		},
		"type":    object{"coding": []object{{"system": "http://snomed.info/sct", "code": "196981000000101"}}},
		"subject": object{"reference": "Patient/p"},
		"securityLabel": []object{{"coding": []object{{
			"system": "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission", "code": permission,
		}}}},
	}
}

// searchset returns a searchset of resources.
func searchset(resources ...object) object {
	entries := make([]object, len(resources))
	for i, r := range resources {
		entries[i] = object{"fullUrl": "urn:x", "resource": r}
	}
	return object{
		"resourceType": "Bundle", "type": "searchset", "timestamp": "2026-11-20T08:15:00+00:00",
		"total": len(resources), "entry": entries,
	}
}

// summaryOf returns a complete answer with sections.
func summaryOf(sections ...object) object {
	return searchset(aComposition(sections...), aPatient("p", patient),
		object{
			"resourceType": "PractitionerRole", "id": "r", "practitioner": object{"reference": "Practitioner/x"},
			"organization": object{"reference": "Organization/o"},
		},
		object{"resourceType": "Practitioner", "id": "x", "name": []object{{"text": "Dr Tess Example"}}},
		object{"resourceType": "Organization", "id": "o", "name": "Example Surgery"})
}

// read reads a summary with sections.
func read(t testing.TB, sections ...object) summary.Summary {
	t.Helper()
	s, err := summary.Read(encode(t, summaryOf(sections...)), patient, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var now = time.Date(2026, time.November, 30, 12, 0, 0, 0, time.UTC)
