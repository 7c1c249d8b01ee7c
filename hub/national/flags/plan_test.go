package flags

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"wardlight/hub/store"
)

// noFetch refuses to fetch a resource.
func noFetch(_ context.Context, kind, reference string) (json.RawMessage, error) {
	return nil, faultf("%s %s is not in the answer", kind, reference)
}

// from returns a fetch that returns resources by their references.
func from(resources map[string]string) fetch {
	return func(ctx context.Context, kind, reference string) (json.RawMessage, error) {
		if r, ok := resources[reference]; ok {
			return json.RawMessage(r), nil
		}
		return noFetch(ctx, kind, reference)
	}
}

// plansIn returns the plans of an answer in words, or the fault.
func plansIn(t *testing.T, body string, get fetch) string {
	t.Helper()
	a, err := read(tess, []byte(body), now, now)
	if err != nil {
		return err.Error()
	}
	found, err := a.of(codeProtection)
	if err != nil {
		return err.Error()
	}
	plans, err := a.plans(t.Context(), found, uk, get)
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, p := range plans {
		all = append(all, fmt.Sprintf("%s %s to %s, %s %s, %s, %s", p.Kind, p.Start.FHIR(), p.End.FHIR(), p.By.Code,
			p.By.Name, p.By.OfficePhone, p.By.DutyPhone))
	}
	return strings.Join(all, "\n")
}

func TestPlans(t *testing.T) {
	const standard = "CPP 2024-07-23 to , V999 EXAMPLESHIRE COUNCIL, 01632 960101, 07700 900101"
	edit := func(s, old, replacement string) string {
		t.Helper()
		if !strings.Contains(s, old) {
			t.Fatalf("%q is not in the answer", old)
		}
		return strings.ReplaceAll(s, old, replacement)
	}
	plan := func(old, replacement string) string {
		t.Helper()
		return searchset(protectionFlag, edit(planResource, old, replacement), teamResource)
	}
	team := func(old, replacement string) string {
		t.Helper()
		return searchset(protectionFlag, planResource, edit(teamResource, old, replacement))
	}
	second := edit(edit(protectionFlag, "cp-flag", "cp-flag-2"), "CarePlan/Example-Plan", "CarePlan/p2")
	older := edit(edit(planResource, "Example-plan", "p2"), "2024-07-22T23:30:00+00:00", "2023-01-02")

	tests := []struct{ name, body, want string }{
		{"one plan", searchset(protectionFlag, planResource, teamResource), standard},
		{"order of entries", searchset(teamResource, planResource, protectionFlag), standard},
		{
			"published type", bundle("collection", selfLink, "match", protectionFlag, planResource, teamResource),
			standard,
		},
		{
			"two plans, newest first", searchset(second, protectionFlag, planResource, older, teamResource),
			standard + "\nCPP 2023-01-02 to , V999 EXAMPLESHIRE COUNCIL, 01632 960101, 07700 900101",
		},
		{"looked after", plan("342191000000101", "764841000000100"), strings.Replace(standard, "CPP", "LAC", 1)},
		{"unborn", plan("342191000000101", "818901000000100"), strings.Replace(standard, "CPP", "UCPP", 1)},
		{"another kind", plan("342191000000101", "1"), strings.Replace(standard, "CPP", "", 1)},
		{
			"end", plan(`+00:00"}`, `+00:00","end":"2025-07-01"}`),
			strings.Replace(standard, "to ", "to 2025-07-01", 1),
		},
		{"start of the flag", plan(`"period"`, `"other"`), strings.Replace(standard, "07-23", "07-22", 1)},
		{"malformed date", plan("2024-07-22T23:30:00+00:00", "yesterday"), "a period that is not a date"},
		{
			"entered in error", plan(`"status":"active"`, `"status":"entered-in-error"`),
			"a flag whose plan was entered in error",
		},
		{"no CareTeam", plan(`"careTeam"`, `"team"`), "a plan without a CareTeam, or with more than 3"},
		{"no name", team("V999 - EXAMPLESHIRE COUNCIL", " "), "a CareTeam without a name"},
		{"name without a code", team("V999 - ", ""), strings.Replace(standard, "V999", "", 1)},
		{
			"hostile name", team("EXAMPLESHIRE COUNCIL", `A\u001b[2J\nB\u202e`),
			strings.Replace(standard, "EXAMPLESHIRE COUNCIL", "A␛[2J B\ufffd", 1),
		},
		{"no phone", team("phone", "email"), "CPP 2024-07-23 to , V999 EXAMPLESHIRE COUNCIL, , "},
		{"use missing", team(`,"use":"work"`, ""), standard},
		{
			"plan missing", searchset(protectionFlag, teamResource),
			"CarePlan CarePlan/Example-Plan is not in the answer",
		},
		{
			"authority missing", searchset(protectionFlag, planResource),
			"CareTeam CareTeam/Example-Team is not in the answer",
		},
		{"flag without a detail", searchset(edit(protectionFlag, "flag-detail", "other")), "a flag without a plan"},
		{"detail of another type", searchset(edit(protectionFlag, "CarePlan/", "Condition/")), "a flag without a plan"},
		{"two plans whose IDs differ in case", searchset(protectionFlag, planResource,
			edit(planResource, "Example-plan",
				"EXAMPLE-PLAN"), teamResource), "CarePlan CarePlan/Example-Plan is not in the answer"},
		{
			"contained", searchset(edit(edit(protectionFlag, "CarePlan/Example-Plan", "#c"), `"contained":[`,
				`"contained":[`+edit(planResource, "Example-plan", "c")+`,`), teamResource), standard,
		},
		{
			"too many plans", searchset(edit(protectionFlag, `"extension":[`, `"extension":[`+strings.Repeat(
				`{"url":"http://hl7.org/fhir/StructureDefinition/flag-detail",
				"valueReference":{"reference":"CarePlan/x"}},`, maxPlans)), planResource), "more than 20 plans",
		},
	}

	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			if got := plansIn(t, x.body, noFetch); got != x.want {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}

func TestPlans_FetchedResources(t *testing.T) {
	const standard = "CPP 2024-07-23 to , V999 EXAMPLESHIRE COUNCIL, 01632 960101, 07700 900101"
	flagOnly := searchset(protectionFlag)
	for _, x := range []struct{ name, plan, team, want string }{
		{"both", planResource, teamResource, standard},
		{
			"plan of another patient", strings.Replace(planResource, "Example-Tess", "Example-Noah", 1), teamResource,
			errOtherPatient.detail,
		},
		{
			"plan without a subject", strings.Replace(planResource, "subject", "object", 1), teamResource,
			"a resource without a subject",
		},
		{"not a plan", teamResource, teamResource, "not a CarePlan"},
		{"not a CareTeam", planResource, planResource, "not a CareTeam"},
		{"HTML", "<html>", teamResource, "not JSON"},
	} {
		t.Run(x.name, func(t *testing.T) {
			get := from(map[string]string{"CarePlan/Example-Plan": x.plan, "CareTeam/Example-Team": x.team})
			if got := plansIn(t, flagOnly, get); got != x.want {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}

func TestPathOf(t *testing.T) {
	const base = "https://api.example/flags"
	for reference, want := range map[string]string{
		"CarePlan/1":            "/CarePlan/1",
		"CarePlan/1/_history/2": "/CarePlan/1",
		"https://api.example/flags/CarePlan/a-B.9":   "/CarePlan/a-B.9",
		"https://other.example/flags/CarePlan/1":     "",
		"https://api.example.evil/flags/CarePlan/1":  "",
		"https://api.example/flags/../x/CarePlan/1":  "",
		"//api.example/flags/CarePlan/1":             "",
		"CareTeam/1":                                 "",
		"CarePlan/..":                                "",
		"CarePlan/1?x=y":                             "",
		"CarePlan/" + strings.Repeat("1", 65):        "",
		"urn:uuid:6a6b18a7-c077-49da-929f-a8dd38468": "",
		"#1": "",
		"":   "",
	} {
		got, ok := pathOf(base, "CarePlan", reference)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", reference, got, ok, want)
		}
	}
}

func TestKinds(t *testing.T) {
	if len(kinds) != 3 || kinds["342191000000101"] != store.ChildProtection {
		t.Errorf("got %v, want the three kinds of plans", kinds)
	}
}
