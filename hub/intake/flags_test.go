package intake_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/hub/patientflag"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// raFlag is a line with a reasonable adjustments flag and its details.
const raFlag = `{"resourceType":"Flag","contained":[` +
	`{"resourceType":"Provenance","id":"p","target":[{"reference":"#"}],"recorded":"2026-07-01T11:00:00+01:00","agent":[{"who":{"display":"x"},` +
	`"onBehalfOf":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RX1"}}}]},` +
	`{"resourceType":"Flag","id":"a","status":"active","category":[{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient","code":"national-reasonable-adjustment-flag"}]},` +
	`{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryRA","code":"communication-support","display":"Communication support"}]}],` +
	`"code":{"coding":[{"system":"http://snomed.info/sct","code":"1082681000000103","display":"Requires support\u001b[2J"}]},"subject":{"display":"x"}},` +
	`{"resourceType":"Condition","id":"c","code":{"coding":[{"code":"learning"}],"text":"Learning"},"subject":{"display":"x"},"note":[{"text":"since birth"}]},` +
	`{"resourceType":"Consent","id":"k"}],` +
	`"extension":[{"url":"https://fhir.nhs.uk/England/StructureDefinition/Extension-FlagNotes","valueAnnotation":{"text":" Comes with her mother. "}}],` +
	`"status":"active","code":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient","code":"national-reasonable-adjustment-flag"}]},` +
	`"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}}`

// fgmLine is a line with an FGM flag and its finding.
const fgmLine = `{"resourceType":"Flag","status":"active","code":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",` +
	`"code":"female-genital-mutilation-flag"},{"system":"http://snomed.info/sct","code":"902961000000107","display":"Family history of FGM"}]},` +
	`"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},"period":{"start":"2019-12-10"}}`

func TestFlags(t *testing.T) {
	s := books(t)
	at, refused := take(t, s, raFlag+"\n"+fgmLine+"\n")
	if at.Taken != 2 || len(refused) > 0 {
		t.Fatalf("got %+v, refused %v; want 2 lines imported", at, refused)
	}

	all, err := s.PatientFlags(t.Context(), []nhs.Number{"9990000018"}, patientflag.Kinds())
	want := []patientflag.Flag{
		{
			Number: "9990000018", Kind: patientflag.FGM, Active: true,
			Recorded: time.Date(2019, 12, 10, 0, 0, 0, 0, time.UTC),
			Details: []patientflag.Detail{{Type: patientflag.Finding, Code: fhir.Coding{
				System: fhir.SystemSNOMED, Code: "902961000000107", Display: "Family history of FGM",
			}}},
		},
		{
			Number: "9990000018", Kind: patientflag.ReasonableAdjustments, Active: true, By: "RX1",
			Recorded: time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC),
			Details: []patientflag.Detail{
				{Type: patientflag.Note, Note: "Comes with her mother."},
				{
					Type: patientflag.Adjustment,
					Category: fhir.Coding{
						System: fhir.SystemAdjustmentCategory, Code: "communication-support",
						Display: "Communication support",
					},
					Code: fhir.Coding{
						System: fhir.SystemSNOMED, Code: "1082681000000103", Display: "Requires support\u241b[2J",
					},
				},
				{
					Type: patientflag.Impairment, Code: fhir.Coding{Code: "learning", Display: "Learning"},
					Note: "since birth",
				},
			},
		},
	}
	if err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("stored flags = %+v, %v; want %+v", all, err, want)
	}

	// The same lines again change nothing, and leave no audit record. A removed flag is recorded.
	before := len(audited(t, s))
	take(t, s, raFlag+"\n"+fgmLine+"\n")
	if got := len(audited(t, s)); got != before {
		t.Errorf("the same import again: got %d audit records, want %d", got, before)
	}
	take(t, s, strings.Replace(fgmLine, `"active"`, `"inactive"`, 1))
	trail := audited(t, s)
	last := trail[len(trail)-1]
	if last.Action != "import flag" || last.Reason != "operator: female-genital-mutilation-flag, removed" ||
		len(last.Patients) != 1 {
		t.Errorf("audit record of a removed flag = %+v", last)
	}
	gone, err := s.PatientFlags(t.Context(), []nhs.Number{"9990000018"}, []patientflag.Kind{patientflag.FGM})
	if err != nil || len(gone) != 1 || gone[0].Active || len(gone[0].Details) > 0 {
		t.Errorf("a removed flag = %+v, %v; want it inactive, without details", gone, err)
	}
}

func audited(t *testing.T, s store.Store) (all []store.AuditRecord) {
	t.Helper()
	if err := s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
		all = append(all, r)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFlags_Refused(t *testing.T) {
	s := books(t)
	for _, c := range []struct{ old, new, want string }{
		{"female-genital-mutilation-flag", "child-protection-information-system-flag", "import its plans as CareTeam"},
		{"female-genital-mutilation-flag", "another", "one kind of flag"},
		{"England-FlagCategoryPatient", "Another", "one kind of flag"},
		{"9990000018", "9990000019", "not a valid NHS number"},
		{"Id/nhs-number", "Id/another", "not an NHS number"},
		{`"status":"active"`, `"status":"on"`, "status is not one of"},
		{"2019-12-10", "10/12/2019", "period.start is not"},
		{`"start":"2019-12-10"`, `"start":"2019-12-10","end":"2020-01-01"`, "period.end is not supported"},
		{`"status":"active"`, `"contained":[{"resourceType":"Flag"}],"status":"active"`, "contained Flag has no code"},
		{`"status":"active"`, `"contained":[{"resourceType":"Condition"}],"status":"active"`, "contained Condition has no code"},
		{`"status":"active"`, `"contained":[{"resourceType":"Provenance"}],"status":"active"`, "recorded is not"},
		{`"status":"active"`, `"contained":[` + strings.Repeat(`{"resourceType":"Flag","code":{"coding":[{"code":"x"}]}},`, 101) +
			`{"resourceType":"Consent"}],"status":"active"`, "more than 100 details"},
	} {
		at, refused := take(t, s, strings.Replace(fgmLine, c.old, c.new, 1)+"\n")
		if at.Refused != 1 || len(refused) != 1 || !strings.Contains(fmt.Sprint(refused), c.want) ||
			strings.Contains(fmt.Sprint(refused), "999000001") {
			t.Errorf("with %.60s: got %+v, %v; want a refusal with %q", c.new, at, refused, c.want)
		}
	}
	for _, kind := range patientflag.Kinds() {
		if held, err := s.HoldsFlags(t.Context(), kind); held || err != nil {
			t.Errorf("after refused lines: flags of %s are held: %v, %v", kind, held, err)
		}
	}
}
