package fhirtest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/need"
)

// Resources as the hub sends them, and ways to make each invalid: pairs of a text and its replacement. One error is
// missing, because no validator detects it: two members of one choice, such as multipleBirthInteger and
// multipleBirthBoolean.
const (
	patient = `{"resourceType":"Patient","id":"9990000018","meta":{"versionId":"3","security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"U"}]},` +
		`"name":[{"use":"usual","period":{"start":"2016-03-04"},"family":"Example","given":["Tess"]}],"gender":"female","birthDate":"2016-03-04","multipleBirthInteger":1,` +
		`"telecom":[{"system":"phone","value":"01632960587","use":"home"}],"contact":[{"telecom":[{"system":"phone","value":"01632960588"}]}]}`
	searchset = `{"resourceType":"Bundle","type":"searchset","timestamp":"2026-11-22T09:30:00Z","total":1,"entry":[{"fullUrl":"https://hub.example/Patient/9990000018",` +
		`"search":{"mode":"match","score":1},"resource":` + patient + `}]}`
	flagged = `{"resourceType":"Flag","status":"active","code":{"coding":[{"system":"https://fhir.nhs.uk/x","code":"y"}]},"subject":{"identifier":{"value":"9990000018"}}}`
	access  = `{"resourceType":"AuditEvent","id":"a1","type":{"code":"rest"},"action":"R","recorded":"2026-11-20T22:14:00Z","outcome":"0",` +
		`"agent":[{"who":{"display":"Ms Ada Sample"},"requestor":true}],"source":{"observer":{"display":"hub"}}}`
	outcome  = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value","details":{"coding":[{"code":"INVALID_VALUE"}]},"diagnostics":"x"}]}`
	careTeam = `{"resourceType":"CareTeam","status":"active","name":"V999 - X","period":{"start":"2026-02-03"}}`
	message  = `{"resourceType":"Bundle","id":"m1","type":"message","timestamp":"2026-11-22T09:30:00Z","entry":[{"fullUrl":"urn:uuid:1","resource":` +
		`{"resourceType":"MessageHeader","eventUri":"urn:x","source":{"endpoint":"https://hub.example"}}},{"fullUrl":"urn:uuid:2","resource":` + access + `}]}`
)

var good = []string{patient, searchset, flagged, access, outcome, careTeam, message}

var broken = []struct{ what, whole, old, new string }{
	{"no such resource", patient, `"Patient"`, `"Person2"`},
	{"a member that R4 does not have", patient, `"gender"`, `"sex":"f","gender"`},
	{"a gender that R4 does not have", patient, `"female"`, `"F"`},
	{"a birth date with slashes", patient, `"birthDate":"2016-03-04"`, `"birthDate":"04/03/2016"`},
	{"a month that there is not", patient, `"birthDate":"2016-03-04"`, `"birthDate":"2016-13-04"`},
	{"a number as text", patient, `"multipleBirthInteger":1`, `"multipleBirthInteger":"1"`},
	{"a name that is no list", patient, `["Tess"]`, `"Tess"`},
	{"an id with a space", patient, `"9990000018"`, `"999 000 0018"`},
	{"a use that R4 does not have", patient, `"use":"usual"`, `"use":"legal"`},
	{"a system that R4 does not have", patient, `"phone"`, `"textphone"`},
	{
		"a contact without anything to reach them by", patient, `"telecom":[{"system":"phone","value":"01632960588"}]`,
		`"gender":"female"`,
	},
	{"a blank string", patient, `"Example"`, `""`},
	{"an empty list", patient, `["Tess"]`, `[]`},
	{"an empty object", patient, `{"start":"2016-03-04"}`, `{}`},
	{"a null", patient, `"female"`, `null`},
	{"a type of bundle that R4 does not have", searchset, `"searchset"`, `"results"`},
	{"no type of bundle", searchset, `"type":"searchset",`, ``},
	{"a timestamp that is a day", searchset, `"2026-11-22T09:30:00Z"`, `"2026-11-22"`},
	{"a total below nought", searchset, `"total":1`, `"total":-1`},
	{"a total of a bundle that is no search", searchset, `"searchset"`, `"collection"`},
	{"an unknown member deep inside", searchset, `"gender"`, `"sex":"f","gender"`},
	{"an entry whose resource is of no type", searchset, `"resourceType":"Patient",`, ``},
	{"an entry's mode that R4 does not have", searchset, `"match"`, `"hit"`},
	{"a flag without a status", flagged, `"status":"active",`, ``},
	{"a flag that is on", flagged, `"active"`, `"on"`},
	{"a flag about nobody", flagged, `,"subject":{"identifier":{"value":"9990000018"}}`, ``},
	{"an access without a time", access, `"recorded":"2026-11-20T22:14:00Z",`, ``},
	{"an access by nobody", access, `"agent":[{"who":{"display":"Ms Ada Sample"},"requestor":true}],`, ``},
	{"an access recorded nowhere", access, `,"source":{"observer":{"display":"hub"}}`, ``},
	{"an access whose agent does not say whether they asked", access, `,"requestor":true`, ``},
	{"an outcome of no severity", outcome, `"severity":"error",`, ``},
	{"an outcome of a severity that R4 does not have", outcome, `"error"`, `"bad"`},
	{"an outcome of a code that R4 does not have", outcome, `"code":"value"`, `"code":"wrong"`},
	{"an outcome of nothing", outcome, `"issue"`, `"issues"`},
	{"a care team of a status that R4 does not have", careTeam, `"active"`, `"ended"`},
	{"a care team with two names", careTeam, `"V999 - X"`, `["V999","X"]`},
	{
		"a message that does not begin with its header", message,
		`"MessageHeader","eventUri":"urn:x","source":{"endpoint":"https://hub.example"}`,
		`"Basic","code":{"text":"x"}`,
	},
	{"two entries of one name", message, `urn:uuid:2`, `urn:uuid:1`},
}

// breakages returns the invalid resources.
func breakages(t *testing.T) [][]byte {
	t.Helper()
	var all [][]byte
	for _, b := range broken {
		spoilt := strings.Replace(b.whole, b.old, b.new, 1)
		if spoilt == b.whole || !json.Valid([]byte(spoilt)) {
			t.Fatalf("%s: replacement had no effect or made invalid JSON: %s", b.what, spoilt)
		}
		all = append(all, []byte(spoilt))
	}
	return all
}

// skipWithout skips the test if the validators are not installed.
func skipWithout(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, errAbsent) {
		need.Absent(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheSchemaTakesWhatIsGoodAndSeesWhatItCan(t *testing.T) {
	for _, g := range good {
		faults, err := Faults([]byte(g))
		skipWithout(t, err)
		if len(faults) > 0 {
			t.Errorf("Faults of a valid resource = %v, want none: %s", faults, g)
		}
	}

	// Errors that the schema can't detect: required primitives, invariants, choices.
	beyond := []string{
		"a contact without anything to reach them by", "no type of bundle", "a total of a bundle that is no search",
		"a total below nought", "a flag without a status", "an access without a time",
		"an access whose agent does not say whether they asked", "an outcome of no severity",
		"a message that does not begin with its header", "two entries of one name",
	}

	for i, spoilt := range breakages(t) {
		faults, err := Faults(spoilt)
		skipWithout(t, err)
		if seen := len(faults) > 0; seen == slices.Contains(beyond, broken[i].what) {
			t.Errorf("%s: detected %v: %v, want %v", broken[i].what, seen, faults, !seen)
		}
	}
}

func TestTheEnginesOnNodeMissNothingTogether(t *testing.T) {
	var all [][]byte
	for _, g := range good {
		all = append(all, []byte(g))
	}

	all = append(all, breakages(t)...)
	findings, err := examine(all)
	skipWithout(t, err)
	by := make(map[int][]string)
	for _, f := range findings {
		if f.Resource < len(good) {
			t.Errorf("%s reports an error in a valid resource: %s in %s", f.Engine, f.Problem, good[f.Resource])
			continue
		}
		if i := f.Resource - len(good); !slices.Contains(by[i], f.Engine) {
			by[i] = append(by[i], f.Engine)
		}
	}

	saw := make(map[string]int)
	for i, b := range broken {
		faults, err := Faults(all[len(good)+i])
		skipWithout(t, err)
		if len(by[i]) == 0 && len(faults) == 0 {
			t.Errorf("%s: not detected by any validator", b.what)
		}
		for _, engine := range by[i] {
			saw[engine]++
		}
	}

	for _, engine := range engines {
		if saw[engine] < len(broken)/2 {
			t.Errorf("%s detected %d of %d errors, want at least half", engine, saw[engine], len(broken))
		}
	}
}

func TestAShapeIsTheMembersAndTheirCodes(t *testing.T) {
	if shape([]byte(patient)) != shape([]byte(strings.ReplaceAll(patient, "Tess", "Tom"))) {
		t.Error("shape differs for another name, want equal")
	}
	for _, other := range []string{
		strings.Replace(patient, `"female"`, `"male"`, 1),
		strings.Replace(patient, `"gender":"female",`, "", 1),
	} {
		if shape([]byte(patient)) == shape([]byte(other)) {
			t.Errorf("shape is equal for other members or codes: %s", other)
		}
	}
}
