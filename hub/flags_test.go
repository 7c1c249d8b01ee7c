package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/patientflag"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Paths of the Patient Flags API.
const (
	allFlags    = "/patient-flags/FHIR/R4/Flag"
	patientFlag = "/patient-flags/FHIR/R4/PatientFlag"
)

// Roles and a code for flags.
const (
	adjuster = "999000002111"           // B0264, B0107, B0257
	fgmNurse = "999000002222"           // B0264, B0107, fgmCode
	fgmClerk = "999000002333"           // B0264, fgmCode
	fgmCode  = "B9998"                  // what a site might configure
	girl     = nhs.Number("9990000085") // female, no plan, no flag
)

func flagsOf(n nhs.Number) url.Values { return url.Values{"patient": {n.Digits()}} }

func flagOf(n nhs.Number, code string) url.Values {
	return url.Values{"patient": {n.Digits()}, "code": {code}}
}

// adjustments returns a reasonable adjustments flag with details of each type.
func adjustments(n nhs.Number) patientflag.Flag {
	return patientflag.Flag{
		Number: n, Kind: patientflag.ReasonableAdjustments, Active: true, Recorded: start, By: "RX1",
		Details: []patientflag.Detail{
			{
				Type: patientflag.Adjustment,
				Category: fhir.Coding{
					System: fhir.SystemAdjustmentCategory, Code: "communication-support",
					Display: "Communication support",
				},
				Code: fhir.Coding{
					System: fhir.SystemSNOMED, Code: "1082681000000103",
					Display: "Requires support for receptive communication needs",
				},
				Note: "Use short sentences.",
			},
			{
				Type: patientflag.Impairment,
				Category: fhir.Coding{
					System: fhir.SystemConditionCategory, Code: "issue", Display: "Issue",
				},
				Code: fhir.Coding{
					System: "https://fhir.nhs.uk/England/CodeSystem/England-ConditionCodeRA", Code: "learning",
					Display: "Learning or understanding or concentrating",
				},
			},
			{Type: patientflag.Note, Note: "Comes with her mother."},
		},
	}
}

func fgmFlag(n nhs.Number) patientflag.Flag {
	return patientflag.Flag{
		Number: n, Kind: patientflag.FGM, Active: true,
		Details: []patientflag.Detail{{Type: patientflag.Finding, Code: fhir.Coding{
			System: fhir.SystemSNOMED, Code: "902961000000107",
			Display: "Family history of FGM (female genital mutilation)",
		}}},
	}
}

// newFlagFixture returns a hub with the roles for flags, and a signed-in terminal.
func newFlagFixture(t testing.TB, options ...option) (*fixture, *terminal) {
	t.Helper()
	b := newFixture(t, append([]option{func(_ *fixture, c *hub.Config) { c.FGMCode = fgmCode }}, options...)...)
	ada, err := b.sqlite.Person(t.Context(), nurseUUID)
	must(t, err)
	for urid, codes := range map[string][]rbac.ActivityCode{
		adjuster: {rbac.Trace, rbac.ViewAlert, rbac.ViewAdjustments},
		fgmNurse: {rbac.Trace, rbac.ViewAlert, fgmCode}, fgmClerk: {rbac.Trace, fgmCode},
	} {
		role := ada.Roles[0]
		role.URID, role.Activities = urid, codes
		ada.Roles = append(ada.Roles, role)
	}
	must(t, b.sqlite.PutPerson(t.Context(), ada))
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		record(t, patient(girl, "Example", "Gina", "2012-01-01", "female", "U", "")),
	}))
	return b, b.signIn()
}

// said returns what an answer says about each kind of flag: "child protection: flag", "adjustments: forbidden".
func (r response) said(t *testing.T, n nhs.Number) string {
	t.Helper()
	var b fhir.Bundle
	r.into(t, &b)
	if r.status != http.StatusOK || b.Type != "searchset" || len(b.Link) != 1 || b.Link[0].Relation != "self" ||
		!strings.HasPrefix(b.Link[0].URL, issuer+"/patient-flags/") ||
		!strings.Contains(b.Link[0].URL, "patient="+n.Digits()) {
		t.Errorf("got status %d, body %s; want a searchset whose self link names the patient", r.status, r.body)
	}

	names := map[string]string{
		fhir.CodeCPISFlag: "child protection", fhir.CodeAdjustmentsFlag: "adjustments", fhir.CodeFGMFlag: "FGM",
	}
	var all []string
	for _, e := range b.Entry {
		var f fhir.Flag
		var o fhir.OperationOutcome
		switch fhir.TypeOf(e.Resource) {
		case "Flag":
			must(t, json.Unmarshal(e.Resource, &f))
			if f.Subject.Identifier == nil || f.Subject.Identifier.Value != n.Digits() {
				t.Errorf("flag of %+v, want %s", f.Subject, n.Digits())
			}
			if e.Search.Mode == "match" {
				all = append(all, names[f.Code.Coding[0].Code]+": flag")
				continue
			}
			all = append(all, "adjustment")
		case "OperationOutcome":
			must(t, json.Unmarshal(e.Resource, &o))
			coding := o.Issue[0].Details.Coding
			last := coding[len(coding)-1]
			if e.Search.Mode != "outcome" || last.System != fhir.SystemFlagCategory &&
				o.Issue[0].Severity != "warning" {
				t.Errorf("outcome %s in mode %s, want the kind of flag as its last coding", e.Resource, e.Search.Mode)
			}
			name := names[last.Code]
			if name == "" {
				name = "record"
			}
			all = append(all, name+": "+o.Issue[0].Code)
		default:
			all = append(all, fhir.TypeOf(e.Resource))
		}
	}
	return strings.Join(all, ", ")
}

func TestFlags_EachRole(t *testing.T) {
	b, x := newFlagFixture(t)
	must(t, b.sqlite.PutFlag(t.Context(), adjustments(tess)))
	must(t, b.sqlite.PutFlag(t.Context(), fgmFlag(tess)))
	for _, c := range []struct {
		what   string
		role   string
		number nhs.Number
		want   string
	}{
		{"unscheduled", nurse, tess, "child protection: flag, adjustments: flag"},
		{"scheduled", gp, tess, "child protection: flag, adjustments: flag"},
		{"no code for child protection", clerk, tess, "child protection: forbidden, adjustments: flag"},
		{"details", adjuster, tess, "child protection: flag, adjustments: flag, adjustment, Condition"},
		{"FGM", fgmNurse, tess, "child protection: flag, adjustments: flag, FGM: flag"},
		{"FGM alone", fgmClerk, tess, "child protection: forbidden, adjustments: flag, FGM: flag"},
		{"a superseded number", nurse, merged, "child protection: flag, adjustments: flag"},
		{"a superseded number, FGM", fgmNurse, merged, "child protection: flag, adjustments: flag, FGM: flag"},
		{"nothing on file", nurse, plain, ""},
		{"nothing on file, no code for child protection", clerk, plain, "child protection: forbidden"},
		{"a girl who is not on file", fgmNurse, girl, ""},
	} {
		if got := x.get(c.role, allFlags, flagsOf(c.number)).said(t, c.number); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}

	if accesses, notifications := b.left(tess); len(accesses)+len(notifications) != 0 {
		t.Errorf("flags left %d accesses and %d notifications, want none", len(accesses), len(notifications))
	}

	// The lamp has nothing of the plan, and the flag nothing of its details without their code.
	r := x.get(nurse, allFlags, flagsOf(tess))
	for _, secret := range []string{
		"5f0c0e64", "EXAMPLESHIRE", "CarePlan", "flag-detail", "receptive", "short sentences", "learning", "FlagNotes",
	} {
		if strings.Contains(r.body, secret) {
			t.Errorf("the answer to a role without the code for details has %s: %s", secret, r.body)
		}
	}
}

// Without a configured code nobody sees an FGM flag, whatever the role has.
func TestFlags_FGMWithoutACode(t *testing.T) {
	b, x := newFlagFixture(t, func(_ *fixture, c *hub.Config) { c.FGMCode = "" })
	must(t, b.sqlite.PutFlag(t.Context(), fgmFlag(tess)))
	must(t, b.sqlite.PutFlag(t.Context(), adjustments(plain)))
	if got := x.get(fgmNurse, allFlags, flagsOf(tess)).said(t, tess); got != "child protection: flag" {
		t.Errorf("flags without a configured code = %q, want that for child protection alone", got)
	}
	if r := x.get(fgmNurse, patientFlag, flagOf(tess, fhir.CodeFGMFlag)); r.status != http.StatusForbidden {
		t.Errorf("PatientFlag without a configured code: got status %d, want 403", r.status)
	}
}

// FGM flags are presented of girls under 18 only: female, unknown or indeterminate.
func TestFlags_FGMOfWhom(t *testing.T) {
	b, x := newFlagFixture(t)
	for _, c := range []struct {
		gender, born string
		want         bool
	}{
		{"female", "2016-03-04", true},
		{"unknown", "2016-03-04", true},
		{"other", "2016-03-04", true},
		{"", "2016-03-04", true},
		{"male", "2016-03-04", false},
		{"female", "2008-07-16", true},  // 18 tomorrow
		{"female", "2008-07-15", false}, // 18 today
		{"female", "2008", true},        // may be under 18
		{"female", "2007", false},
		{"female", "", false},
	} {
		must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
			record(t, patient(girl, "Example", "Gina", c.born, c.gender, "U", "")),
		}))
		must(t, b.sqlite.PutFlag(t.Context(), fgmFlag(girl)))
		got := x.get(fgmNurse, allFlags, flagsOf(girl)).said(t, girl)
		if is := strings.Contains(got, "FGM: flag"); is != c.want || strings.Contains(got, "FGM") != c.want {
			t.Errorf("gender %q, born %q: got %q, want an FGM flag: %v, and otherwise nothing", c.gender, c.born, got,
				c.want)
		}
		one := x.get(fgmNurse, patientFlag, flagOf(girl, fhir.CodeFGMFlag)).said(t, girl)
		if is := strings.Contains(one, "FGM: flag"); is != c.want {
			t.Errorf("gender %q, born %q: PatientFlag = %q, want an FGM flag: %v", c.gender, c.born, one, c.want)
		}
	}
}

// A hub without any flag of a kind has not checked it. This never reads "none recorded".
func TestFlags_NoneHeld(t *testing.T) {
	b, x := newFlagFixture(t)
	if got := x.get(nurse, allFlags, flagsOf(tess)).said(t, tess); got !=
		"child protection: flag, adjustments: not-supported" {
		t.Errorf("before any flag was stored: got %q, want the adjustments not supported", got)
	}
	if got := x.get(fgmNurse, allFlags, flagsOf(girl)).said(t, girl); got !=
		"adjustments: not-supported, FGM: not-supported" {
		t.Errorf("before any flag was stored: got %q, want both not supported", got)
	}
	r := x.get(adjuster, patientFlag, flagOf(tess, fhir.CodeAdjustmentsFlag))
	if r.status != http.StatusNotImplemented {
		t.Errorf("PatientFlag before any flag was stored: got status %d, want 501", r.status)
	}

	removed := adjustments(plain)
	removed.Active = false
	must(t, b.sqlite.PutFlag(t.Context(), removed))
	if got := x.get(nurse, allFlags, flagsOf(plain)).said(t, plain); got != "" {
		t.Errorf("after the only flag was removed: got %q, want none recorded", got)
	}
}

// What the lamp refuses about a patient, all flags refuse in the same way.
func TestFlags_RefusedAsTheLamp(t *testing.T) {
	b, x := newFlagFixture(t)
	for _, n := range []nhs.Number{hidden, invalid, absent} {
		must(t, b.sqlite.PutFlag(t.Context(), adjustments(n)))
		lamp := x.get(nurse, flag, about(n))
		for _, role := range []string{nurse, gp, clerk, adjuster} {
			r := x.get(role, allFlags, flagsOf(n))
			if r.status != lamp.status || r.body != lamp.body {
				t.Errorf("flags of %s as %s: got status %d, body %s; want the lamp's %d, %s", n, role, r.status, r.body,
					lamp.status, lamp.body)
			}
		}
		if r := x.get(adjuster, patientFlag, flagOf(n, fhir.CodeAdjustmentsFlag)); r.status == http.StatusOK &&
			n != absent {
			t.Errorf("PatientFlag of %s: got status 200, body %s; want a refusal", n, r.body)
		}
	}

	for _, query := range []url.Values{
		nil,
		{"patient": {"9990000019"}},
		{"patient": {"999 000 0018"}},
		{"patient": {tess.Digits(), tess.Digits()}},
		{"patient": {tess.Digits()}, "x": {"1"}},
		about(tess),
	} {
		if r := x.get(nurse, allFlags, query); r.status != http.StatusBadRequest {
			t.Errorf("flags of %v: got status %d, want 400", query, r.status)
		}
	}
	for _, code := range []string{"", "another", fhir.CodeCPISFlag + " "} {
		if r := x.get(gp, patientFlag, flagOf(tess, code)); r.status != http.StatusBadRequest {
			t.Errorf("PatientFlag with code %q: got status %d, want 400", code, r.status)
		}
	}
}

// brokenFlags fails to read flags.
type brokenFlags struct{ store.Store }

var errFlags = errors.New("flags are broken")

func (brokenFlags) PatientFlags(context.Context, []nhs.Number, []patientflag.Kind) ([]patientflag.Flag, error) {
	return nil, errFlags
}

// A failure to read flags is logged. It hides no alert, and reads "none recorded" of nothing.
func TestFlags_Failure(t *testing.T) {
	b, x := newFlagFixture(t, over(func(s store.Store) store.Store { return brokenFlags{s} }))
	for n, want := range map[nhs.Number]string{
		tess:  "child protection: flag, adjustments: transient, FGM: transient",
		girl:  "adjustments: transient, FGM: transient",
		plain: "adjustments: transient",
	} {
		if got := x.get(fgmNurse, allFlags, flagsOf(n)).said(t, n); got != want {
			t.Errorf("flags of %s with a broken table = %q, want %q", n, got, want)
		}
	}
	if r := x.get(adjuster, patientFlag, flagOf(tess, fhir.CodeAdjustmentsFlag)); r.status != 503 {
		t.Errorf("PatientFlag with a broken table: got status %d, want 503", r.status)
	}
	if log := b.log.String(); !strings.Contains(log, errFlags.Error()) || strings.Contains(log, tess.Digits()) {
		t.Error("the log lacks the failure, or has the NHS number")
	}
}

// Plans that are not known, as before any upload or after a restore, leave the other flags readable. The audit has the
// refusal of the lamp.
func TestFlags_PlansNotKnown(t *testing.T) {
	b, x := newFlagFixture(t)
	must(t, b.sqlite.PutFlag(t.Context(), adjustments(plain)))
	must(t, b.sqlite.MustResend(t.Context(), start))
	for n, want := range map[nhs.Number]string{
		plain: "child protection: incomplete, adjustments: flag",
		girl:  "child protection: incomplete, adjustments: incomplete",
		tess:  "child protection: flag, adjustments: incomplete",
	} {
		if got := x.get(nurse, allFlags, flagsOf(n)).said(t, n); got != want {
			t.Errorf("flags of %s after a restore = %q, want %q", n, got, want)
		}
	}

	x.get(nurse, allFlags, flagsOf(plain))
	trail := b.trail()
	last := trail[len(trail)-1]
	if last.Action != rbac.SeeLamp.String() || last.Outcome != audit.Refused ||
		last.Reason != "UNABLE_TO_CALL_SERVICE" ||
		!slices.Equal(last.Patients, []nhs.Number{plain}) {
		t.Errorf("audit record = %+v, want a refused lamp of the patient", last)
	}
}

// A plan under a number without a current record is an alert. Other flags of such a number are not known.
func TestFlags_RecordMissing(t *testing.T) {
	b, x := newFlagFixture(t)
	must(t, b.sqlite.PutFlag(t.Context(), adjustments(plain)))
	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
		ID: "p9", Number: absent, Kind: store.ChildProtection, Start: day(2026, 1, 1), Authority: "V999",
	}))
	if got := x.get(fgmNurse, allFlags, flagsOf(absent)).said(t, absent); got !=
		"child protection: flag, adjustments: not-found, record: not-found" {
		t.Errorf("flags of a number without a record = %q", got)
	}
	if r := x.get(clerk, allFlags, flagsOf(absent)); r.status != http.StatusNotFound {
		t.Errorf("flags without the code for child protection: got status %d, want 404", r.status)
	}
}

func TestFlags_Audit(t *testing.T) {
	b, x := newFlagFixture(t)
	must(t, b.sqlite.PutFlag(t.Context(), adjustments(tess)))
	must(t, b.sqlite.PutFlag(t.Context(), fgmFlag(tess)))
	for _, c := range []struct {
		role, path string
		query      url.Values
		action     rbac.Action
		outcome    string
	}{
		{nurse, allFlags, flagsOf(tess), rbac.SeeLamp, audit.Granted},
		{clerk, allFlags, flagsOf(tess), rbac.SeeFlags, audit.Granted},
		{silent, allFlags, flagsOf(tess), rbac.SeeFlags, audit.Refused},
		{gp, patientFlag, flagOf(tess, fhir.CodeCPISFlag), rbac.OpenSilently, audit.Granted},
		{nurse, patientFlag, flagOf(tess, fhir.CodeCPISFlag), rbac.OpenSilently, audit.Refused},
		{adjuster, patientFlag, flagOf(tess, fhir.CodeAdjustmentsFlag), rbac.ReadAdjustments, audit.Granted},
		{nurse, patientFlag, flagOf(tess, fhir.CodeAdjustmentsFlag), rbac.ReadAdjustments, audit.Refused},
		{fgmNurse, patientFlag, flagOf(tess, fhir.CodeFGMFlag), rbac.ReadFGM, audit.Granted},
		{adjuster, patientFlag, flagOf(tess, fhir.CodeFGMFlag), rbac.ReadFGM, audit.Refused},
		{nurse, allFlags, flagsOf(absent), rbac.SeeLamp, audit.Refused},
	} {
		r := x.get(c.role, c.path, c.query)
		trail := b.trail()
		last := trail[len(trail)-1]
		if last.Action != c.action.String() || last.Outcome != c.outcome || last.URID != c.role ||
			len(last.Patients) != 1 || last.Patients[0].Digits() != c.query.Get("patient") {
			t.Errorf("GET %s %v as %s (status %d): audit record %+v, want %s %s", c.path, c.query, c.role, r.status,
				last, c.action, c.outcome)
		}
	}
	if accesses, notifications := b.left(tess); len(accesses)+len(notifications) != 0 {
		t.Errorf("flags left %d accesses and %d notifications, want none", len(accesses), len(notifications))
	}
}

func TestPatientFlag(t *testing.T) {
	b, x := newFlagFixture(t)
	must(t, b.sqlite.PutFlag(t.Context(), adjustments(tess)))
	for _, c := range []struct {
		role, code string
		number     nhs.Number
		want       string
	}{
		{gp, fhir.CodeCPISFlag, tess, "child protection: flag, CarePlan, CareTeam, CarePlan, CareTeam"},
		{gp, fhir.CodeCPISFlag, merged, "child protection: flag, CarePlan, CareTeam, CarePlan, CareTeam"},
		{gp, fhir.CodeCPISFlag, plain, ""},
		{adjuster, fhir.CodeAdjustmentsFlag, tess, "adjustments: flag, adjustment, Condition"},
		{adjuster, fhir.CodeAdjustmentsFlag, plain, ""},
	} {
		if got := x.get(c.role, patientFlag, flagOf(c.number, c.code)).said(t, c.number); got != c.want {
			t.Errorf("PatientFlag of %s with code %s = %q, want %q", c.number, c.code, got, c.want)
		}
	}

	r := x.get(gp, patientFlag, flagOf(tess, fhir.CodeCPISFlag))
	for _, part := range []string{
		`"code":"342191000000101"`, `"name":"V999 - EXAMPLESHIRE COUNCIL"`, `"period":{"start":"2026-02-03"}`,
		`"careTeam":[{"reference":"` + issuer + `/patient-flags/FHIR/R4/CareTeam/`, `"status":"completed"`,
	} {
		if !strings.Contains(r.body, part) {
			t.Errorf("PatientFlag lacks %s: %s", part, r.body)
		}
	}
}

// The answer to anyone says what the hub offers, without a session.
func TestFlags_Metadata(t *testing.T) {
	b := newFixture(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		b.server.URL+"/patient-flags/FHIR/R4/metadata", nil)
	must(t, err)
	req.Header.Set("X-Request-ID", "9f8b1a0e-5f0e-4a7e-9a50-1a2b3c4d5e6f")
	r := b.do(req)
	var c fhir.CapabilityStatement
	r.into(t, &c)
	if r.status != 200 || c.ResourceType != "CapabilityStatement" || c.FHIRVersion != "4.0.1" ||
		r.header.Get("X-Request-ID") != "9f8b1a0e-5f0e-4a7e-9a50-1a2b3c4d5e6f" || len(c.Rest) != 1 ||
		c.Rest[0].Resource[0].Type != "Flag" || c.Rest[0].Resource[0].SearchParam[0].Name != "patient" {
		t.Errorf("metadata: got status %d, body %s; want a search of Flag by patient", r.status, r.body)
	}
}
