package hub_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/cpis"
	"wardlight/hub/national"
	"wardlight/hub/national/flags"
	"wardlight/hub/national/pds"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
)

// flagsFixture is a hub whose alerts come from a stand-in of the Patient Flags API.
type flagsFixture struct {
	*fixture
	platform *nationaltest.Platform
	service  *nationaltest.PatientFlags
	terminal *terminal
	skew     time.Duration // of the platform's clock
	timeout  time.Duration // of requests to the platform; 0 means the default
}

// The plan of tess at the service. It differs from those in the hub's own store.
var flagsPlan = nationaltest.FlagPlan{
	Kind: fhir.SnomedChildPlan, Start: "2026-05-01T23:30:00Z", Authority: "V997 - FARSHIRE COUNCIL",
	Office: "01632 960201", Duty: "07700 900201",
}

// newFlagsFixture returns the hub with tess, who has a plan, and plain, who has none, at the service. The options may
// set the source of people.
func newFlagsFixture(t testing.TB, options ...func(*flagsFixture, *hub.Config)) *flagsFixture {
	t.Helper()
	f := &flagsFixture{}
	f.fixture, f.terminal = newFlagFixture(t, func(b *fixture, c *hub.Config) {
		f.fixture = b
		f.platform = nationaltest.New(t, func() time.Time { return b.clock.Now().Add(f.skew) })
		f.service = nationaltest.NewPatientFlags(f.platform)
		for _, o := range options {
			o(f, c)
		}

		records := cpis.Patients(c.Records)
		if c.Records == nil {
			records = trace.NewLogging(c.Store, c.Log)
		}
		source := flags.New(flags.Config{
			Client:  platformClient(t, f.platform, b.clock, national.PatientFlags, f.service.URL(), f.clientOf(c)),
			Records: records, Clock: b.clock.Now, UK: london(t),
		})
		c.Alerts, c.Flags = source, source
	})
	f.service.AddPlan(tess.Digits(), flagsPlan)
	f.service.Know(plain.Digits())
	return f
}

// clientOf makes a client log to the hub's log, and sets its timeout.
func (f *flagsFixture) clientOf(c *hub.Config) func(*national.TokensConfig, *national.Config) {
	return func(_ *national.TokensConfig, n *national.Config) { n.Log, n.Timeout = c.Log, f.timeout }
}

// peopleFromPDS makes PDS on the same platform the source of people.
func peopleFromPDS(f *flagsFixture, c *hub.Config) {
	fillPDS(f.platform)
	people := pds.New(platformClient(f.t, f.platform, f.clock, national.PDS, f.platform.PDSURL(), f.clientOf(c)),
		pds.NewLinks(c.Store, f.clock.Now))
	c.People, c.Records, c.Rows, c.Numbers = people, people, people, people
}

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	must(t, err)
	return zone
}

// asked returns the number of requests to the service for flags, and for their details.
func (f *flagsFixture) asked() (flags, details int) {
	return len(f.platform.Requests(nationaltest.Flags)), len(f.platform.Requests(nationaltest.FlagDetail))
}

// checkSilent fails if an access was recorded or an authority notified.
func (f *flagsFixture) checkSilent() {
	f.t.Helper()
	for _, n := range []nhs.Number{tess, plain} {
		if accesses, notices := f.left(n); len(accesses) != 0 || len(notices) != 0 {
			f.t.Errorf("got %d accesses and %d notifications, want none", len(accesses), len(notices))
		}
	}
}

// failure returns the code of the failure of a national service in an answer, or "".
func (r response) failure(t testing.TB) string {
	t.Helper()
	var o fhir.OperationOutcome
	r.into(t, &o)
	service, failure, _, ok := o.NationalFailure()
	if !ok {
		return ""
	}
	return service + "-" + failure
}

func TestPatientFlags_Lamp(t *testing.T) {
	f := newFlagsFixture(t)
	for _, x := range []struct {
		role   string
		number nhs.Number
		total  int
	}{{nurse, tess, 1}, {gp, tess, 1}, {nurse, plain, 0}} {
		var b fhir.Bundle
		r := f.terminal.get(x.role, flag, about(x.number), settingOf(x.role))
		r.into(t, &b)
		if r.status != http.StatusOK || b.Total == nil || *b.Total != x.total || len(b.Entry) != x.total {
			t.Errorf("lamp: got status %d, body %s; want %d flags", r.status, r.body, x.total)
		}
		if strings.Contains(r.body, "FARSHIRE") {
			t.Errorf("lamp: got %s, want nothing of the plan", r.body)
		}
	}

	if flags, details := f.asked(); flags != 3 || details != 0 {
		t.Errorf("got %d requests for flags and %d for details, want one for each lamp", flags, details)
	}
	f.checkSilent()
}

func TestPatientFlags_Request(t *testing.T) {
	f := newFlagsFixture(t)
	f.terminal.get(nurse, flag, about(tess), header("X-Request-ID", "6a6b18a7-c077-49da-929f-a8dd38468f79"))
	r := f.platform.Requests(nationaltest.Flags)[0]
	for name, want := range map[string]string{
		"Accept": fhir.MediaType, "X-Correlation-Id": "6a6b18a7-c077-49da-929f-a8dd38468f79",
		"Nhsd-End-User-Organisation-Ods": "RX1", "Nhsd-Identity-Uuid": "", "Nhsd-Session-Urid": "",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if r.Query != "patient="+tess.Digits() || r.Header.Get("X-Request-Id") == "" {
		t.Errorf("got query %q and request ID %q, want the patient and an ID", r.Query, r.Header.Get("X-Request-Id"))
	}
}

func TestPatientFlags_ScheduledOpening(t *testing.T) {
	f := newFlagsFixture(t)
	apart := flagsPlan
	apart.Apart, apart.Kind, apart.Start, apart.End = true, fhir.SnomedLookedAfter, "2024-01-02", "2025-01-02"
	f.service.AddPlan(tess.Digits(), apart)

	r := f.terminal.get(gp, careTeam, about(tess), scheduled)
	var b fhir.Bundle
	r.into(t, &b)
	if r.status != http.StatusOK || len(b.Entry) != 2 {
		t.Fatalf("opening: got status %d, body %s; want two plans", r.status, r.body)
	}
	for _, want := range []string{
		`"name":"V997 - FARSHIRE COUNCIL"`, `"period":{"start":"2026-05-02"}`, fhir.SnomedChildPlan,
		`"period":{"start":"2024-01-02","end":"2025-01-02"}`, fhir.SnomedLookedAfter, "01632 960201", "07700 900201",
		`"value":"` + tess.Digits() + `"`,
	} {
		if !strings.Contains(r.body, want) {
			t.Errorf("opening: got %s, want %s in it", r.body, want)
		}
	}
	if strings.Contains(r.body, "V998") {
		t.Errorf("opening: got %s, want nothing of the hub's own plans", r.body)
	}

	if flags, details := f.asked(); flags != 1 || details != 2 {
		t.Errorf("got %d requests for flags and %d for details, want 1 and 2", flags, details)
	}
	f.checkSilent()
}

func TestPatientFlags_PlanThatCannotBeFetched(t *testing.T) {
	f := newFlagsFixture(t)
	apart := flagsPlan
	apart.Apart = true
	f.service.AddPlan(tess.Digits(), apart)
	f.platform.Replace(nationaltest.FlagDetail, nationaltest.Gateway(http.StatusNotFound))

	r := f.terminal.get(gp, careTeam, about(tess), scheduled)
	if r.status != http.StatusServiceUnavailable || r.failure(t) != "patient-flags-malformed" {
		t.Errorf("opening: got status %d, body %s; want a failure, because a plan is missing", r.status, r.body)
	}
	if r := f.terminal.get(gp, flag, about(tess), scheduled); r.status != http.StatusOK {
		t.Errorf("lamp: got status %d, body %s; want the alert", r.status, r.body)
	}
}

// TestPatientFlags_NotOffered makes the requests that the service doesn't offer. They are answered without a request to
// it, and nothing is recorded as an access.
func TestPatientFlags_NotOffered(t *testing.T) {
	f := newFlagsFixture(t)
	for _, x := range []struct {
		name, role, path string
		change           []func(*http.Request)
	}{
		{"opening in unscheduled care", nurse, careTeam, nil},
		{"opening in unscheduled care by a role of both", both, careTeam, nil},
		{"access history in unscheduled care", nurse, events, nil},
		{"access history in scheduled care", gp, events, []func(*http.Request){scheduled}},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := f.terminal.get(x.role, x.path, about(tess), x.change...)
			var o fhir.OperationOutcome
			r.into(t, &o)
			if r.status != http.StatusNotImplemented || !o.HasIssue("not-supported") ||
				r.failure(t) != "patient-flags-not-offered" || o.Diagnostics() != "Patient Flags does not offer this." {
				t.Errorf("got status %d, body %s; want that the service does not offer this", r.status, r.body)
			}
		})
	}

	if flags, details := f.asked(); flags != 0 || details != 0 {
		t.Errorf("got %d requests for flags and %d for details, want none", flags, details)
	}
	f.checkSilent()

	refused := 0
	for _, r := range f.trail() {
		if r.Reason == "UNSUPPORTED_SERVICE" {
			refused++
		}
	}
	if refused != 4 {
		t.Errorf("got %d refusals in the audit, want 4", refused)
	}
}

// TestPatientFlags_HubsOwnRestrictions requests what the hub refuses by its own records and rules.
func TestPatientFlags_HubsOwnRestrictions(t *testing.T) {
	f := newFlagsFixture(t)
	f.service.AddPlan(hidden.Digits(), flagsPlan)
	f.service.Know(invalid.Digits(), absent.Digits())
	for _, x := range []struct {
		name, role string
		number     nhs.Number
		status     int
	}{
		{"restricted record", nurse, hidden, http.StatusForbidden},
		{"invalidated record", nurse, invalid, http.StatusNotFound},
		{"no record", nurse, absent, http.StatusNotFound},
		{"role without the code", clerk, tess, http.StatusForbidden},
	} {
		if r := f.terminal.get(x.role, flag, about(x.number)); r.status != x.status {
			t.Errorf("%s: got status %d, body %s; want %d", x.name, r.status, r.body, x.status)
		}
	}
	if flags, _ := f.asked(); flags != 0 {
		t.Errorf("got %d requests to the service, want none", flags)
	}
}

// TestPatientFlags_Failures makes the service, its gateway and the token end-point fail. No answer reads "none
// recorded": it has neither status 200 nor a Bundle.
func TestPatientFlags_Failures(t *testing.T) {
	other := nationaltest.Body(fhir.MediaType, `{"resourceType":"Bundle","type":"searchset","total":0,
		"link":[{"relation":"self","url":"https://api.example/Flag?patient=`+mother.Digits()+`"}]}`)
	tests := []struct {
		name    string
		place   nationaltest.Place
		answer  http.HandlerFunc
		failure string
	}{
		{
			"token refused", nationaltest.Token, nationaltest.Refusal(http.StatusUnauthorized, "invalid_client"),
			"refused",
		},
		{"token end-point down", nationaltest.Token, nationaltest.Gateway(http.StatusBadGateway), "unavailable"},
		{"401 with each token", nationaltest.Flags, nationaltest.Gateway(http.StatusUnauthorized), "refused"},
		{"403 of the gateway", nationaltest.Flags, nationaltest.Gateway(http.StatusForbidden), "refused"},
		{"404 of the gateway", nationaltest.Flags, nationaltest.Gateway(http.StatusNotFound), "malformed"},
		{
			"404 of the service", nationaltest.Flags, nationaltest.Outcome(http.StatusNotFound, "not-found", ""),
			"patient-unknown",
		},
		{"400", nationaltest.Flags, nationaltest.Outcome(http.StatusBadRequest, "value", "INVALID_VALUE"), "malformed"},
		{"429", nationaltest.Flags, nationaltest.Wait(http.StatusTooManyRequests, 60), "busy"},
		{"500", nationaltest.Flags, nationaltest.Gateway(http.StatusInternalServerError), "unavailable"},
		{"503 with a time", nationaltest.Flags, nationaltest.Wait(http.StatusServiceUnavailable, 60), "unavailable"},
		{"connection closed", nationaltest.Flags, nationaltest.Drop, "unavailable"},
		{"timeout", nationaltest.Flags, nationaltest.Hang, "timed-out"},
		{"HTML with status 200", nationaltest.Flags, nationaltest.Gateway(http.StatusOK), "malformed"},
		{"status 204", nationaltest.Flags, func(w http.ResponseWriter,
			_ *http.Request,
		) {
			w.WriteHeader(http.StatusNoContent)
		}, "malformed"},
		{"rubbish", nationaltest.Flags, nationaltest.Body(fhir.MediaType, "rubbish"), "malformed"},
		{"nothing", nationaltest.Flags, nationaltest.Body(fhir.MediaType, ""), "malformed"},
		{"another shape", nationaltest.Flags, nationaltest.Body(fhir.MediaType, `{"entry":[],"total":0}`), "malformed"},
		{
			"OperationOutcome with status 200", nationaltest.Flags,
			nationaltest.Outcome(http.StatusOK, "informational", ""), "malformed",
		},
		{"another patient", nationaltest.Flags, other, "other-patient"},
	}

	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			f := newFlagsFixture(t, func(f *flagsFixture, _ *hub.Config) {
				if x.name == "timeout" {
					f.timeout = 300 * time.Millisecond
				}
			})
			f.platform.Replace(x.place, x.answer)
			for _, n := range []nhs.Number{tess, plain} {
				for _, call := range []struct{ role, path string }{{nurse, flag}, {gp, careTeam}} {
					r := f.terminal.get(call.role, call.path, about(n), settingOf(call.role))
					if r.status != http.StatusServiceUnavailable || r.failure(t) != "patient-flags-"+x.failure {
						t.Errorf("%s: got status %d, body %s; want failure %s", call.path, r.status, r.body, x.failure)
					}
				}
			}
			f.checkSilent()
			for _, secret := range []string{tess.Digits(), "FARSHIRE", nationaltest.APIKey, "rubbish"} {
				if strings.Contains(f.log.String(), secret) {
					t.Errorf("the log contains %q", secret)
				}
			}
			if !strings.Contains(f.log.String(), "A request to a national service failed.") {
				t.Error("the log lacks the failure")
			}

			f.platform.Replace(x.place, nil)
			f.clock.Add(time.Minute) // the circuit tries again
			if r := f.terminal.get(nurse, flag, about(tess)); r.status != http.StatusOK {
				t.Errorf("afterwards: got status %d, body %s; want the alert", r.status, r.body)
			}
		})
	}
}

// settingOf returns the header of the role's care setting.
func settingOf(role string) func(*http.Request) {
	if role == gp {
		return scheduled
	}
	return func(*http.Request) {}
}

func TestPatientFlags_TokenEnds(t *testing.T) {
	f := newFlagsFixture(t)
	for _, end := range []func(){
		func() {}, f.platform.EndTokens, func() { f.clock.Add(nationaltest.TokenTime + time.Second) },
	} {
		end()
		if r := f.terminal.get(nurse, flag, about(tess)); r.status != http.StatusOK {
			t.Errorf("got status %d, body %s; want the alert with a new token", r.status, r.body)
		}
	}
	if tokens := len(f.platform.Requests(nationaltest.Token)); tokens != 3 {
		t.Errorf("got %d tokens, want 3", tokens)
	}
}

func TestPatientFlags_LimitReached(t *testing.T) {
	f := newFlagsFixture(t)
	f.platform.Limit(0, 1)
	f.platform.Replace(nationaltest.Flags, nil)
	r := f.terminal.get(nurse, flag, about(plain))
	if r.status != http.StatusServiceUnavailable || r.failure(t) != "patient-flags-busy" ||
		r.header.Get("Retry-After") != "1" {
		t.Errorf("got status %d, headers %v, body %s; want that the service is busy", r.status, r.header, r.body)
	}
	if flags, _ := f.asked(); flags != 3 {
		t.Errorf("got %d requests, want 3, with the time of Retry-After between them", flags)
	}
}

func TestPatientFlags_ClockSkew(t *testing.T) {
	f := newFlagsFixture(t)
	for _, skew := range []time.Duration{-time.Minute, 0, time.Minute} {
		f.skew = skew
		var b fhir.Bundle
		r := f.terminal.get(nurse, flag, about(plain))
		r.into(t, &b)
		want := f.clock.Now().Add(min(skew, 0)).Format(time.RFC3339)
		if r.status != http.StatusOK || b.Timestamp != want {
			t.Errorf("skew %v: got status %d, time %s; want %s", skew, r.status, b.Timestamp, want)
		}
	}
	for _, skew := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		f.skew = skew
		if r := f.terminal.get(nurse, flag, about(plain)); r.status != http.StatusServiceUnavailable {
			t.Errorf("skew %v: got status %d, body %s; want a failure", skew, r.status, r.body)
		}
	}
}

// TestPatientFlags_AllFlags reads all flags of a patient through the hub's own Patient Flags API. They come from one
// request to the service.
func TestPatientFlags_AllFlags(t *testing.T) {
	f := newFlagsFixture(t)
	f.service.AddAdjustments(tess.Digits(), "Requires support for receptive communication needs")
	f.service.AddFGM(girl.Digits())
	for _, x := range []struct {
		role   string
		number nhs.Number
		want   string
	}{
		{adjuster, tess, "child protection: flag, adjustments: flag, adjustment"},
		{nurse, tess, "child protection: flag, adjustments: flag"},
		{clerk, tess, "child protection: forbidden, adjustments: flag"},
		{fgmNurse, girl, "FGM: flag"},
		{nurse, girl, ""},
		{adjuster, plain, ""},
	} {
		before, _ := f.asked()
		got := f.terminal.get(x.role, allFlags, flagsOf(x.number)).said(t, x.number)
		if got != x.want {
			t.Errorf("flags of %s for %s = %q, want %q", x.number, x.role, got, x.want)
		}
		if after, _ := f.asked(); after != before+1 {
			t.Errorf("flags of %s for %s: got %d requests to the service, want 1", x.number, x.role, after-before)
		}
	}

	r := f.terminal.get(adjuster, patientFlag, flagOf(tess, fhir.CodeAdjustmentsFlag))
	if r.status != http.StatusOK || !strings.Contains(r.body, "receptive communication") {
		t.Errorf("adjustments: got status %d, body %s; want the adjustment", r.status, r.body)
	}
	r = f.terminal.get(gp, patientFlag, flagOf(tess, fhir.CodeCPISFlag), scheduled)
	if r.status != http.StatusOK || !strings.Contains(r.body, "FARSHIRE") || !strings.Contains(r.body, "CarePlan") {
		t.Errorf("plans: got status %d, body %s; want the plan", r.status, r.body)
	}
	f.checkSilent()
}

// TestPatientFlags_AllFlagsFail makes the service fail. It is requested once, and no flag reads "none recorded".
func TestPatientFlags_AllFlagsFail(t *testing.T) {
	f := newFlagsFixture(t)
	for _, answer := range []http.HandlerFunc{
		nationaltest.Gateway(http.StatusForbidden), nationaltest.Body(fhir.MediaType, "{}"),
		nationaltest.Gateway(http.StatusBadGateway),
	} {
		f.platform.Replace(nationaltest.Flags, answer)
		before, _ := f.asked()
		got := f.terminal.get(fgmNurse, allFlags, flagsOf(tess)).said(t, tess)
		if want := "child protection: transient, adjustments: transient, FGM: transient"; got != want {
			t.Errorf("flags = %q, want %q", got, want)
		}
		if after, _ := f.asked(); after != before+1 {
			t.Errorf("got %d requests to the service, want 1", after-before)
		}
	}
}

func TestPatientFlags_WithPeopleFromPDS(t *testing.T) {
	f := newFlagsFixture(t, peopleFromPDS)
	f.hub.CheckNumbers(t.Context())
	f.service.AddPlan(hidden.Digits(), flagsPlan)

	query := url.Values{"family": {"Example-Pds"}, "birthdate": {"eq2016-03-04"}}
	found := f.terminal.get(nurse, patients, query)
	if found.status != http.StatusOK || !strings.Contains(found.body, tess.Digits()) {
		t.Fatalf("search: got status %d, body %s; want the child", found.status, found.body)
	}

	for _, x := range []struct {
		name   string
		number nhs.Number
		status int
		want   string // in the body
	}{
		{"alert", tess, http.StatusOK, `"total":1`},
		{"alert under a superseded number", merged, http.StatusOK, `"total":1`},
		{"none", plain, http.StatusOK, `"total":0`},
		{"restricted record", hidden, http.StatusForbidden, "suppressed"},
		{"invalidated record", invalid, http.StatusNotFound, "INVALIDATED_RESOURCE"},
		{"no record", absent, http.StatusNotFound, "RESOURCE_NOT_FOUND"},
	} {
		r := f.terminal.get(nurse, flag, about(x.number))
		if r.status != x.status || !strings.Contains(r.body, x.want) {
			t.Errorf("%s: got status %d, body %s; want %d with %s", x.name, r.status, r.body, x.status, x.want)
		}
	}
	for _, r := range f.platform.Requests(nationaltest.Flags) {
		if r.Query != "patient="+tess.Digits() && r.Query != "patient="+plain.Digits() {
			t.Errorf("got a request with %q to Patient Flags, want the current numbers of shown patients", r.Query)
		}
	}

	r := f.terminal.get(gp, careTeam, about(tess), scheduled)
	if r.status != http.StatusOK || !strings.Contains(r.body, "FARSHIRE") {
		t.Errorf("opening: got status %d, body %s; want the plan", r.status, r.body)
	}
	f.checkSilent()

	f.platform.Replace(nationaltest.Patient, nationaltest.Gateway(http.StatusForbidden))
	before, _ := f.asked()
	r = f.terminal.get(nurse, flag, about(plain))
	if r.status != http.StatusServiceUnavailable || r.failure(t) != "pds-refused" {
		t.Errorf("PDS fails: got status %d, body %s; want a failure of PDS", r.status, r.body)
	}
	if after, _ := f.asked(); after != before {
		t.Error("PDS fails: got a request to Patient Flags, want none")
	}
}

// TestPatientFlags_SupersededNumber asks with a number that another one has superseded. A flag under either is the
// patient's, and there is none only if neither has one.
func TestPatientFlags_SupersededNumber(t *testing.T) {
	f := newFlagsFixture(t, peopleFromPDS)
	f.hub.CheckNumbers(t.Context())
	f.platform.Supersede(girl.Digits(), plain.Digits())
	lamp := func() response { return f.terminal.get(nurse, flag, about(girl)) }

	if r := lamp(); r.status != http.StatusServiceUnavailable || r.failure(t) != "patient-flags-patient-unknown" {
		t.Errorf("old number not known: got status %d, body %s; want a failure", r.status, r.body)
	}
	f.service.Know(girl.Digits())
	if r := lamp(); r.status != http.StatusOK || !strings.Contains(r.body, `"total":0`) {
		t.Errorf("no flag: got status %d, body %s; want none", r.status, r.body)
	}
	f.service.AddPlan(girl.Digits(), flagsPlan)
	if r := lamp(); r.status != http.StatusOK || !strings.Contains(r.body, `"total":1`) {
		t.Errorf("flag under the old number: got status %d, body %s; want the alert", r.status, r.body)
	}
}
