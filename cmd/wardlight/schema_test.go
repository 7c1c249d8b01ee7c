package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/checklist"
	"wardlight/internal/schematest"
	"wardlight/internal/worklist"
	"wardlight/rbac"
)

// printedDocuments are the schemas of what the commands print with --json. One that fails prints wardlight.error/1.
var printedDocuments = map[string]string{
	"wardlight trace": "wardlight.trace-1", "wardlight alert": "wardlight.alert-1",
	"wardlight worklist": "wardlight.worklist-1", "wardlight show": "wardlight.show-1",
	"wardlight summary":                  "wardlight.summary-1",
	"wardlight report alerts":            "wardlight.privacy-alerts-1",
	"wardlight report close-alert":       "wardlight.privacy-alert-1",
	"wardlight report patient-access":    "wardlight.report-1",
	"wardlight report user-access":       "wardlight.report-1",
	"wardlight report patient-enquiries": "wardlight.report-1",
	"wardlight login":                    "wardlight.login-1", "wardlight status": "wardlight.status-1",
	"wardlight logout": "wardlight.logout-1", "wardlight flag token": "wardlight.flag_token-1",
	"wardlight flag status": "wardlight.flag_status-1", "wardlight flag pending": "wardlight.flag_pending-1",
	"wardlight flag retry": "wardlight.flag_retry-1", "wardlight flag forget": "wardlight.flag_forget-1",
	"wardlight card show": "wardlight.card-1", "wardlight card readers": "wardlight.readers-1",
	"wardlight card watch": "wardlight.card-event-1", "wardlight card test": "wardlight.card-test-1",
	"wardlight card modules": "wardlight.modules-1", "wardlight role check": "wardlight.role-1",
	"wardlight role list": "wardlight.roles-1", "wardlight role explain": "wardlight.activity-code-1",
	"wardlight doctor": "wardlight.doctor-1", "wardlight config": "wardlight.config-1",
	"wardlight receipt verify": "wardlight.receipt_verify-1",
	"wardlight receipt get":    "wardlight.receipt_get-1",
	"wardlight keys":           "wardlight.keys-1", "wardlight version": "wardlight.version-1",
}

func TestSchema_EveryCommandHasOne(t *testing.T) {
	a := &app{environment: environment{out: io.Discard, err: io.Discard}}
	ours := func(name string) bool {
		return !strings.HasPrefix(name, "wardlight.hub-") && !strings.HasPrefix(name, "wardlight.lab-")
	}
	schematest.Commands(t, newRoot(a), ours, printedDocuments, "wardlight.error-1", "wardlight.system-1")
}

func TestSchema_TypesOfDocuments(t *testing.T) {
	schematest.Types(t, map[string]any{
		"wardlight.trace-1": traceDocument{}, "wardlight.alert-1": alertDocument{},
		"wardlight.worklist-1": worklistDocument{}, "wardlight.show-1": showDocument{},
		"wardlight.login-1": sessionDocument{}, "wardlight.status-1": sessionDocument{},
		"wardlight.logout-1": logoutDocument{}, "wardlight.flag_token-1": flagTokenDocument{},
		"wardlight.flag_status-1": flagStatusDocument{}, "wardlight.flag_pending-1": pendingDocument{},
		"wardlight.flag_retry-1": pendingDocument{}, "wardlight.flag_forget-1": forgottenDocument{},
		"wardlight.card-1": cardDocument{}, "wardlight.readers-1": readersDocument{},
		"wardlight.card-event-1": eventDocument{}, "wardlight.card-test-1": cardTestDocument{},
		"wardlight.modules-1": modulesDocument{}, "wardlight.role-1": roleDocument{},
		"wardlight.roles-1": rolesDocument{}, "wardlight.activity-code-1": codeDocument{},
		"wardlight.doctor-1": doctorDocument{}, "wardlight.config-1": configDocument{},
		"wardlight.report-1": reportDocument{}, "wardlight.receipt_verify-1": receiptDocument{},
		"wardlight.receipt_get-1": savedReceiptDocument{},
		"wardlight.summary-1":     summaryDocument{}, "wardlight.privacy-alerts-1": alertsDocument{},
		"wardlight.privacy-alert-1": closedDocument{},
		"wardlight.keys-1":          keysDocument{}, "wardlight.version-1": versionDocument{},
		"wardlight.error-1": errorDocument{}, "wardlight.system-1": systemDocument{},
	})
}

// TestSchema_Values compares the values that the schemas list with those that the program has.
func TestSchema_Values(t *testing.T) {
	var states, compared, actions, events []string
	for _, s := range []client.State{client.NotChecked, client.CouldNotCheck, client.NoneRecorded, client.Alert} {
		states = append(states, s.Name())
	}

	for _, c := range []worklist.Comparison{worklist.NotListed, worklist.Same, worklist.NotCompared, worklist.Differs} {
		compared = append(compared, c.String())
	}

	for _, a := range rbac.Actions() {
		actions = append(actions, a.Name())
	}

	for _, name := range eventNames {
		events = append(events, name)
	}

	var summaries, permissions, bases, sections []string
	for _, s := range client.SummaryStates() {
		summaries = append(summaries, s.Name())
	}
	for _, p := range client.Permissions() {
		permissions = append(permissions, string(p))
	}
	for _, b := range append([]client.LegalBasis{""}, client.LegalBases()...) {
		bases = append(bases, string(b))
	}
	for _, name := range sectionStates {
		sections = append(sections, name)
	}
	schematest.Values(t, "wardlight.summary-1", "state", summaries...)
	schematest.Values(t, "wardlight.summary-1", "permission.permission", permissions...)
	schematest.Values(t, "wardlight.summary-1", "permission.basis", bases...)
	schematest.Values(t, "wardlight.summary-1", "summary.sections[].state", sections...)
	schematest.Values(t, "wardlight.summary-1", "summary.sections[].blocks[].kind", kindTable, kindParagraph,
		kindPicture)

	schematest.Values(t, "wardlight.alert-1", "state", states...)
	schematest.Values(t, "wardlight.worklist-1", "patients[].state", states...)
	var flags, kinds []string
	for _, s := range []client.State{client.NotChecked, client.CouldNotCheck, client.NoneRecorded, client.Alert} {
		flags = append(flags, client.FlagLamp{State: s}.Name())
	}
	for _, k := range client.FlagKinds() {
		kinds = append(kinds, string(k))
	}
	schematest.Values(t, "wardlight.alert-1", "flags[].state", flags...)
	schematest.Values(t, "wardlight.alert-1", "flags[].kind", kinds...)
	schematest.Values(t, "wardlight.worklist-1", "patients[].flags[].state", flags...)
	schematest.Values(t, "wardlight.worklist-1", "patients[].flags[].kind", kinds...)
	schematest.Values(t, "wardlight.worklist-1", "patients[].name_compared", compared...)
	schematest.Values(t, "wardlight.worklist-1", "patients[].birth_date_compared", compared...)
	schematest.Values(t, "wardlight.activity-code-1", "together[].action", actions...)
	schematest.Values(t, "wardlight.alert-1", "opened.plans[].kind", string(client.ChildProtection),
		string(client.LookedAfter), string(client.UnbornChild), string(client.OtherPlan))
	schematest.Values(t, "wardlight.card-event-1", "event", events...)
	schematest.Values(t, "wardlight.readers-1", "readers[].state", readerEmpty, readerCard, readerMute, readerTaken)
	schematest.Values(t, "wardlight.doctor-1", "checks[].state", checklist.NotReached.Name(), checklist.Pass.Name(),
		checklist.Warning.Name(), checklist.Fail.Name())
	schematest.Values(t, "wardlight.trace-1", "patients[].other", string(client.OtherFamily), string(client.OtherGiven),
		string(client.OtherBirth), string(client.OtherUnknown))
	schematest.Values(t, "wardlight.trace-1", "patients[].gender", "", string(client.Male), string(client.Female),
		string(client.OtherGender), string(client.UnknownGender))
}

// TestSchema_OfCommands runs the commands and validates what they print; those of other tests of this package are
// validated where they run (see bench.json).
func TestSchema_OfCommands(t *testing.T) {
	b := setUp(t)
	list := filepath.Join(t.TempDir(), "list.csv")
	const rows = "NHS number,Name,DOB\n9990000018,EXAMPLE,04/03/2016\n9990000026,OTHER,04/03/2016\n9990000099,,\n"
	if err := os.WriteFile(list, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		line   string
		exit   int
		schema string
	}{
		{"trace --family Example --born 2016-03-04", exitDone, "wardlight.trace/1"},
		{"trace 9990000034", exitDone, "wardlight.trace/1"},
		{"trace --family Nobody --born 2016-03-04", exitNotFound, "wardlight.trace/1"},
		{"alert 9990000018 --open", exitDone, "wardlight.alert/1"},
		{"alert 9990000026", exitDone, "wardlight.alert/1"},
		{"alert 9990000042", exitNotFound, "wardlight.error/1"},
		{"worklist " + list, exitHub, "wardlight.worklist/1"},
		{"report user-access 999000000111 --from 1/11/2026", exitSignIn, "wardlight.error/1"},
		{"card show", exitDone, "wardlight.card/1"},
		{"card test", exitDone, "wardlight.card-test/1"},
		{"card readers", exitDone, "wardlight.readers/1"},
		{"card modules", exitDone, "wardlight.modules/1"},
		{"role check", exitDone, "wardlight.role/1"},
		{"role list", exitDone, "wardlight.roles/1"},
		{"role explain B0107", exitDone, "wardlight.activity-code/1"},
		{"role explain R8001", exitDone, "wardlight.activity-code/1"},
		{"doctor", exitDone, "wardlight.doctor/1"},
		{"doctor --sign-in", exitDone, "wardlight.doctor/1"},
		{"config", exitDone, "wardlight.config/1"},
		{"keys", exitDone, "wardlight.keys/1"},
		{"version", exitDone, "wardlight.version/1"},
		{"alert 1", exitUsage, "wardlight.error/1"},
	} {
		if got := at(t, b.json(t, c.exit, strings.Fields(c.line)...), "schema"); got != c.schema {
			t.Errorf("%s: got %v, want %s", c.line, got, c.schema)
		}
	}
}

// A schema that accepts anything proves nothing: documents with one thing wrong are refused.
func TestSchema_RefusesWhatIsWrong(t *testing.T) {
	b := setUp(t)
	b.run(t, exitDone, "alert", hubtest.WithAlert, "--open", "--json")
	good := b.out.String()
	schematest.Output(t, []byte(good))

	for name, change := range map[string][2]string{
		"an unknown field":           {`"as_of"`, `"extra": 1, "as_of"`},
		"a field too few":            {`"request_id"`, `"request"`},
		"an unknown state":           {`"state": "alert"`, `"state": "maybe"`},
		"no time of an answer":       {`"as_of": "2026-11-22T12:00:00Z"`, `"as_of": null`},
		"a time that is none":        {`"as_of": "2026-11-22T12:00:00Z"`, `"as_of": "noon"`},
		"a number too short":         {`"nhs_number": "9990000018"`, `"nhs_number": "999"`},
		"an unknown field of a plan": {`"kind_words"`, `"child": "Tess", "kind_words"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: got no %s in the document, want one to change", name, change[0])
		}
		if schematest.Validate([]byte(bad)) == nil {
			t.Errorf("%s: got a document that is accepted, want it refused", name)
		}
	}
}
