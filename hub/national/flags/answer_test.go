package flags

import (
	"strings"
	"testing"
	"time"
)

// state describes what an answer says about a category: "alert", "none", or the detail of the fault.
func state(body, category string) string {
	a, err := read(tess, []byte(body), now, now)
	if err != nil {
		return err.Error()
	}
	found, err := a.of(category)
	switch {
	case err != nil:
		return err.Error()
	case len(found) > 0:
		return "alert"
	}
	return "none"
}

func TestRead(t *testing.T) {
	const self = selfLink
	edit := func(s, old, replacement string) string {
		t.Helper()
		if !strings.Contains(s, old) {
			t.Fatalf("%q is not in the answer", old)
		}
		return strings.Replace(s, old, replacement, 1)
	}
	linked := func(link string) string {
		return bundle("searchset", `"link":[{"relation":"self","url":"`+link+`"}]`, "match")
	}

	tests := []struct {
		name, body, want string // want of child protection
	}{
		{"empty", searchset(), "none"},
		{"empty, with an entry array", edit(searchset(), selfLink, selfLink+`,"entry":[]`), "none"},
		{"alert", searchset(protectionFlag, planResource, teamResource), "alert"},
		{"only the flag", searchset(protectionFlag), "alert"},
		{"flag of another category", searchset(adjustmentsFlag, adjustment, impairment), "none"},
		{"flag of an unknown category", searchset(otherFlag), "none"},
		{"all flags", searchset(adjustmentsFlag, adjustment, impairment, protectionFlag, planResource), "alert"},
		{
			"total of the flags only",
			edit(searchset(protectionFlag, planResource, teamResource), `"total":3`, `"total":1`),
			"alert",
		},
		{
			"included resources", edit(bundle("searchset", self, "include", planResource), `:1`, `:0`),
			"no flag, but the answer mentions its category",
		},
		{"without modes", edit(searchset(protectionFlag), `"search":{"mode":"match"}`, `"search":{}`), "alert"},
		{"collection", bundle("collection", `"timestamp":"2026-07-15T13:00:00Z"`, "match", protectionFlag), "alert"},
		{
			"collection without a total", edit(bundle("collection", self, "match", protectionFlag), `"total":1,`, ""),
			"alert",
		},

		{"empty collection", bundle("collection", self, "match"), "no flag, and not a searchset"},
		{
			"collection with another flag", bundle("collection", self, "match", otherFlag),
			"no flag, and not a searchset",
		},
		{"empty, without a total", edit(searchset(), `"total":0,`, ""), "no flag, and no total"},
		{"empty, without a self link", edit(searchset(), `,`+self, ""), "no flag, and no self link"},
		{
			"empty, total of one", edit(searchset(), `"total":0`, `"total":1`),
			"a total that is not the number of the matches",
		},
		{"empty, of another type", bundle("batch-response", self, "match"), "not a searchset"},
		{"empty object", `{}`, "not a Bundle"},
		{"null", `null`, "not a Bundle"},
		{"no JSON", `<html></html>`, "not JSON"},
		{"nothing", ``, "not JSON"},
		{"not UTF-8", searchset() + "\xff", "not JSON"},
		{"total as text", edit(searchset(), `"total":0`, `"total":"0"`), "not of the shape of a Bundle"},
		{"OperationOutcome", `{"resourceType":"OperationOutcome","issue":[]}`, "not a Bundle"},
		{
			"entry that is an OperationOutcome",
			edit(bundle("searchset", self, "outcome", `{"resourceType":"OperationOutcome","issue":[]}`), `:1`, `:0`),
			"no flag, and an OperationOutcome",
		},
		{
			"entry without a resource", edit(searchset(otherFlag), `"resource"`, `"other"`),
			"an entry without a resource",
		},
		{"entry of an unknown mode", bundle("searchset", self, "near", otherFlag), "an entry of an unknown mode"},
		{"more pages", edit(searchset(), `"link":[`, `"link":[{"relation":"next","url":"x"},`), "more than one page"},
		{
			"two members of the same name", edit(searchset(protectionFlag), `"entry"`, `"entry":[],"Entry"`),
			"two members of an object have the same name",
		},
		{"nested too deeply", strings.Repeat("[", 41) + strings.Repeat("]", 41), "nested too deeply"},

		{"flag that is not active", searchset(edit(protectionFlag, "active", "inactive")), "a flag that is not active"},
		{
			"flag entered in error", searchset(edit(protectionFlag, "active", "entered-in-error")),
			"a flag that is not active",
		},
		{"code in capitals", searchset(edit(protectionFlag, "child-protection", "Child-Protection")), "alert"},
		{
			"similar code", searchset(edit(protectionFlag, "system-flag", "system-flag-2")),
			"no flag, but the answer mentions its category",
		},
		{"flag without a code", searchset(edit(otherFlag, "another-flag", " ")), "a Flag without a code"},
		{"plan without a flag", searchset(planResource), "no flag, but the answer mentions its category"},

		{
			"self link by identifier",
			linked("https:baseurl/Flag?patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9000000009"), "none",
		},
		{"self link with a reference", linked("/Flag?patient=Patient/9000000009&_format=json"), "none"},
		{"self link of another patient", linked("/Flag?patient=9000000017"), "a resource of another patient"},
		{
			"self link of two patients", linked("/Flag?patient=9000000009&patient=9000000017"),
			"a resource of another patient",
		},
		{"self link without a patient", linked("/Flag"), "a self link that does not name the patient once"},
		{
			"self link of a narrower search", linked("/Flag?patient=9000000009&code=x"),
			"a self link of a narrower search",
		},
		{"self link of another search", linked("/Consent?patient=9000000009"), "a self link of another search"},
		{"malformed self link", linked("/Flag?patient=%zz"), "a self link that is not a URL"},

		{
			"subject by NHS number",
			searchset(edit(protectionFlag, "Patient/Example-Tess", "Patient/9000000009")), "alert",
		},
		{
			"subject with another NHS number",
			searchset(edit(protectionFlag, "Patient/Example-Tess", "Patient/9000000017")),
			"a resource of another patient",
		},
		{
			"subject by the identifier of another patient", searchset(edit(fgmFlag, "9000000009", "9000000017")),
			"a resource of another patient",
		},
		{
			"two subjects", searchset(adjustmentsFlag, edit(protectionFlag, "Example-Tess", "Example-Noah")),
			"a resource of another patient",
		},
		{
			"plan of another subject", searchset(protectionFlag, edit(planResource, "Example-Tess", "Example-Noah")),
			"a resource of another patient",
		},
		{"no subject", searchset(edit(protectionFlag, `"subject"`, `"object"`)), "a resource without a subject"},
		{
			"empty subject", searchset(edit(protectionFlag, `"reference":"Patient/Example-Tess",`, "")),
			"a subject without a reference",
		},
		{
			"record of another patient", searchset(`{"resourceType":"Patient","id":"9000000017"}`),
			"a resource of another patient",
		},
		{"record of the patient", searchset(`{"resourceType":"Patient","id":"9000000009"}`), "none"},
	}

	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			if got := state(x.body, codeProtection); got != x.want {
				t.Errorf("got %q, want %q\n%s", got, x.want, x.body)
			}
		})
	}
}

func TestRead_OtherCategories(t *testing.T) {
	all := searchset(adjustmentsFlag, adjustment, impairment, fgmFlag)
	for category, want := range map[string]string{codeAdjustments: "alert", codeFGM: "alert", codeProtection: "none"} {
		if got := state(all, category); got != want {
			t.Errorf("%s: got %q, want %q", category, got, want)
		}
	}
	for _, category := range []string{codeAdjustments, codeFGM} {
		if got := state(searchset(), category); got != "none" {
			t.Errorf("%s: got %q of an empty answer, want none", category, got)
		}
	}
	if got := state(searchset(adjustment), codeAdjustments); got != "no flag, but the answer mentions its category" {
		t.Errorf("got %q of a detail without its flag, want a fault", got)
	}
}

func TestRead_Time(t *testing.T) {
	stamped := func(s string) string { return strings.Replace(searchset(), `"type"`, `"timestamp":"`+s+`","type"`, 1) }
	tests := []struct {
		name, body string
		date       time.Time
		want       string
	}{
		{"timestamp", stamped("2026-07-15T14:02:00+01:00"), time.Time{}, "2026-07-15T13:02:00Z"},
		{"timestamp and Date", stamped("2026-07-15T12:59:00Z"), now, "2026-07-15T12:59:00Z"},
		{"Date only", searchset(), now.Add(time.Second), "2026-07-15T13:00:01Z"},
		{"neither", searchset(), time.Time{}, "neither a timestamp nor a Date header"},
		{"malformed timestamp", stamped("15/07/2026"), now, "a timestamp that is not an instant"},
		{
			"old", stamped("2026-07-15T12:54:59Z"), now,
			"the time of the answer and the hub's clock differ by more than 5m0s",
		},
		{
			"future", searchset(), now.Add(time.Hour),
			"the time of the answer and the hub's clock differ by more than 5m0s",
		},
	}

	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			got := ""
			a, err := read(tess, []byte(x.body), x.date, now)
			if err != nil {
				got = err.Error()
			} else {
				got = a.asOf.UTC().Format(time.RFC3339)
			}
			if got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}
