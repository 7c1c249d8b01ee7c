//go:build linux

package main

import (
	"strings"
	"testing"

	"wardlight/internal/cli"
)

const (
	datasetPeople = `{"resourceType":"Patient","id":"9990002002","gender":"male","birthDate":"2018-05-06","name":[{"use":"usual","family":"Ownworld","given":["Sam"]}]}
{"resourceType":"Patient","id":"9990002010","gender":"female","birthDate":"2019-07-08","name":[{"use":"usual","family":"Ownworld","given":["Ivy"]}]}
`
	datasetPlans = `{"resourceType":"CareTeam","id":"plan-1","category":[{"coding":[{"system":"http://snomed.info/sct","code":"342191000000101"}]}],"name":"V777 - OUR OWN COUNCIL","subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990002002"}},"period":{"start":"2026-02-03"}}
{"resourceType":"CareTeam","id":"plan-2","category":[{"coding":[{"system":"http://snomed.info/sct","code":"342191000000101"}]}],"name":"V777 - OUR OWN COUNCIL","subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990002010"}},"period":{"start":"2026-01-01","end":"2026-11-01"}}
`
	datasetAuthorities = "[V777]\nname = \"OUR OWN COUNCIL\"\noffice_phone = \"01632 960201\"\nduty_phone = " +
		"\"01632 960202\"\n"
	datasetHub = "[visibility]\nafter_end = 10\n[session]\nidle = \"5m\"\n[hub]\nlisten = " +
		"\"127.0.0.1:1\"\ndata_folder = \"/nowhere\"\n"
)

func TestPlay_OwnWorld(t *testing.T) {
	s := newSite(t)
	s.write("world/people.ndjson", datasetPeople)
	s.write("world/plans.ndjson", datasetPlans)
	s.write("world/authorities.toml", datasetAuthorities)
	s.write("world/hub.toml", datasetHub)

	s.write("own.txt", "date 2026-12-01\n"+signIn+`type 9990002002
press enter
see OWNWORLD, Sam
see ▲ ALERT
press o until RING NOW
see 01632 960201
told V777 1
accesses 9990002002 1

# Ten days after its end the plan is an alert no more: hub.toml says so.
press n
see Find a patient
type 9990002010
press enter
see OWNWORLD, Ivy
see none recorded

# The demo's people are not there.
press n
see Find a patient
type 9990000018
press enter
see No patient has this NHS
`)

	if out, _ := s.play(cli.ExitOK, "--world", "world", "own.txt"); out != "ok own.txt\n" {
		t.Errorf("play --world: got %s, want ok", out)
	}

	// A world may have only some of the files. The plan's authority is then the demo's.
	s.write("part/people.ndjson", datasetPeople)
	s.write("part/plans.ndjson", strings.ReplaceAll(datasetPlans, "V777", "V991"))
	s.write("part.txt", signIn+"type 9990002002\npress enter\nsee ▲ ALERT\n")
	s.play(cli.ExitOK, "--world", "part", "part.txt")
}

func TestPlay_AWorldThatDoesNotReadIsRefusedWithFileAndLine(t *testing.T) {
	s := newSite(t)
	s.write("a.txt", "see No smartcard in the reader\n")

	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing": {map[string]string{"readme.txt": "x"}, "this folder is not a world; expected at least one of " +
			"people.ndjson, plans.ndjson, authorities.toml, hub.toml"},
		"misspelt": {
			map[string]string{"person.ndjson": "x"},
			"misspelt/person.ndjson: unknown file; a world has people.ndjson",
		},
		"people": {map[string]string{"people.ndjson": datasetPeople +
			"{\"resourceType\":\"Patient\",\"id\":\"12\"}\n"}, "people/people.ndjson:3: "},
		"no-authority": {
			map[string]string{"people.ndjson": datasetPeople, "plans.ndjson": datasetPlans},
			"no-authority/plans.ndjson:1: its authority is not on file",
		},
		"unknown-key": {
			map[string]string{"authorities.toml": datasetAuthorities + "fax = \"1\"\n"},
			"unknown-key/authorities.toml:5: there is no V777.fax; an authority has name, office_phone and duty_phone",
		},
		"no-toml": {map[string]string{"authorities.toml": "[V777\n"}, "no-toml/authorities.toml:1: "},
		"phone": {map[string]string{"authorities.toml": strings.Replace(datasetAuthorities, "01632 960202",
			"ring us", 1)}, `phone/authorities.toml: [V777]: found duty_phone = "ring us", expected a phone number`},
		"no-name": {
			map[string]string{"authorities.toml": "[V777]\n"},
			"no-name/authorities.toml: [V777]: name is missing",
		},
		"code": {
			map[string]string{"authorities.toml": "[\"our council\"]\nname = \"X\"\n"},
			"code/authorities.toml: [our council]: this is not an authority's code",
		},
		"empty": {
			map[string]string{"authorities.toml": ""},
			"empty/authorities.toml: there is no authority in it",
		},
		"hub-key": {
			map[string]string{"hub.toml": "[visibility]\nafter_ends = 10\n"},
			"hub-key/hub.toml:2: visibility.after_ends: there is no such setting",
		},
		"hub-value": {
			map[string]string{"hub.toml": "[visibility]\nafter_end = 0\n"},
			"hub-value/hub.toml:2: visibility.after_end: ",
		},
		"hub-together": {
			map[string]string{"hub.toml": "[session]\nidle = \"1h\"\nmax = \"30m\"\n"},
			"hub-together/hub.toml:2: session.idle: ",
		},
	} {
		for file, content := range c.files {
			s.write(name+"/"+file, content)
		}
		out, errs := s.play(cli.ExitUsage, "--world", name, "a.txt")
		if !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("play --world %s: got output %q and error %s, want %q", name, out, errs, c.want)
		}
	}

	if _, errs := s.play(cli.ExitUsage, "--world", "nowhere", "a.txt"); !strings.Contains(errs, "--world nowhere: ") {
		t.Errorf("play --world nowhere: got %s, want an error about --world", errs)
	}
}
