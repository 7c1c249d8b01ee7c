package flags

import (
	"strconv"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// The patient of the tests, and another one.
const (
	tess nhs.Number = "9000000009"
	noah nhs.Number = "9000000017"
)

// now is the time of the tests.
var now = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

// uk is the zone of the United Kingdom.
var uk = func() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return zone
}()

// The resources of a child protection flag. The IDs and the references are as in the guide's examples: they are
// relative, and the patient isn't named by NHS number.
const (
	protectionFlag = `{"resourceType":"Flag","id":"cp-flag","status":"active",
		"contained":[{"resourceType":"Provenance","id":"prov","target":[{"reference":"#"}],
			"recorded":"2024-07-22T09:00:00+00:00","agent":[{"who":{"reference":"https://sds.example/Practitioner/1"},
			"onBehalfOf":{"reference":"https://ods.example/Organization/RXX01"}}]}],
		"code":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",
			"code":"child-protection-information-system-flag"}]},
		"subject":{"reference":"Patient/Example-Tess","display":"Tess Example"},
		"period":{"start":"2024-07-22T09:00:00+00:00"},
		"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/flag-detail",
			"valueReference":{"reference":"CarePlan/Example-Plan"}}]}`
	planResource = `{"resourceType":"CarePlan","id":"Example-plan","status":"active","intent":"plan",
		"category":[{"coding":[{"system":"http://snomed.info/sct","code":"342191000000101"}]}],
		"subject":{"reference":"Patient/Example-Tess"},"period":{"start":"2024-07-22T23:30:00+00:00"},
		"careTeam":[{"reference":"CareTeam/Example-Team"}]}`
	teamResource = `{"resourceType":"CareTeam","id":"Example-Team","status":"active",
		"name":"V999 - EXAMPLESHIRE COUNCIL","telecom":[
		{"system":"phone","value":"01632 960101","use":"work"},
		{"system":"phone","value":"07700 900101","use":"mobile"}]}`
	adjustmentsFlag = `{"resourceType":"Flag","id":"ra-flag","status":"active",
		"contained":[{"resourceType":"Provenance","id":"prov","recorded":"2024-01-01T11:00:00+00:00",
			"agent":[{"who":{"reference":"x"},"onBehalfOf":{"reference":"https://ods.example/Organization/rxx01"}}]}],
		"extension":[
			{"url":"https://fhir.nhs.uk/England/StructureDefinition/Extension-FlagNotes",
				"valueAnnotation":{"text":"Speak slowly."}},
			{"url":"http://hl7.org/fhir/StructureDefinition/flag-detail",
				"valueReference":{"reference":"Condition/ra-condition","type":"Condition"}},
			{"url":"http://hl7.org/fhir/StructureDefinition/flag-detail",
				"valueReference":{"reference":"Consent/ra-consent","type":"Consent"}},
			{"url":"http://hl7.org/fhir/StructureDefinition/flag-detail",
				"valueReference":{"reference":"Flag/ra-detail","type":"Flag"}}],
		"code":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",
			"code":"national-reasonable-adjustment-flag"}]},
		"subject":{"reference":"Patient/Example-Tess"}}`
	adjustment = `{"resourceType":"Flag","id":"ra-detail","status":"active","category":[
		{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",
			"code":"national-reasonable-adjustment-flag"}]},
		{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryRA",
			"code":"communication-support","display":"Communication support"}]}],
		"code":{"coding":[{"system":"https://snomed.info/sct","code":"1082681000000103",
			"display":"Requires support for receptive communication needs"}]},
		"subject":{"reference":"Patient/Example-Tess"}}`
	impairment = `{"resourceType":"Condition","id":"ra-condition","category":[
		{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",
			"code":"national-reasonable-adjustment-flag"}]}],
		"code":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-ConditionCodeRA",
			"code":"learning","display":"Learning or understanding or concentrating"}]},
		"subject":{"reference":"Patient/Example-Tess"}}`
	fgmFlag = `{"resourceType":"Flag","id":"fgm-flag","status":"active",
		"code":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",
			"code":"female-genital-mutilation-flag"}]},
		"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}}}`
	otherFlag = `{"resourceType":"Flag","id":"other","status":"active","code":{"coding":[{"code":"another-flag"}]},
		"subject":{"reference":"Patient/Example-Tess"}}`
)

// selfLink is the self link of the tests' answers.
const selfLink = `"link":[{"relation":"self","url":"https://api.example/flags/Flag?patient=9000000009"}]`

// searchset returns an answer to Flag?patient= with the resources as matches.
func searchset(resources ...string) string {
	return bundle("searchset", selfLink, "match", resources...)
}

// bundle returns a Bundle of a type with members and the resources as entries of a mode. Their full URLs are relative,
// as in the guide's example.
func bundle(kind, members, mode string, resources ...string) string {
	b := &strings.Builder{}
	b.WriteString(`{"resourceType":"Bundle","type":"` + kind + `","total":` + strconv.Itoa(len(resources)) + `,`)
	b.WriteString(members)
	if len(resources) > 0 {
		b.WriteString(`,"entry":[`)
		for i, r := range resources {
			if i > 0 {
				b.WriteString(",")
			}
			h := headOf([]byte(r))
			b.WriteString(`{"fullUrl":"` + h.Type + `/` + h.ID + `","resource":` + r)
			b.WriteString(`,"search":{"mode":"` + mode + `"}}`)
		}
		b.WriteString("]")
	}
	b.WriteString("}")
	return b.String()
}
