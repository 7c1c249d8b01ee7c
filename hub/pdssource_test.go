package hub_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/pds"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
)

// nationalFixture is a hub whose people come from PDS.
type nationalFixture struct {
	*fixture
	platform *nationaltest.Platform
}

// newNationalFixture returns a hub whose people come from the stand-in of PDS. It has other people than the hub's book:
// every name ends with "-Pds".
func newNationalFixture(t testing.TB, options ...option) *nationalFixture {
	t.Helper()
	n := &nationalFixture{}
	n.fixture = newFixture(t, append([]option{func(b *fixture, c *hub.Config) {
		if n.platform == nil {
			n.platform = nationaltest.New(t, b.clock.Now)
			fillPDS(n.platform)
		}
		records := pds.New(pdsClient(t, n.platform, b.clock, nil), pds.NewLinks(c.Store, b.clock.Now))
		c.People, c.Records, c.Rows, c.Numbers = records, records, records, records
		c.After = b.clock.After
	}}, options...)...)
	n.hub.CheckNumbers(t.Context())
	return n
}

// pdsClient returns a client of the stand-in's PDS. change may be nil.
func pdsClient(t testing.TB, p *nationaltest.Platform, c *clock, change func(*national.TokensConfig)) *national.Client {
	t.Helper()
	return platformClient(t, p, c, national.PDS, p.PDSURL(), func(tokens *national.TokensConfig, _ *national.Config) {
		if change != nil {
			change(tokens)
		}
	})
}

// platformClient returns a client of a service of the stand-in.
func platformClient(t testing.TB, p *nationaltest.Platform, c *clock, service, address string,
	change func(*national.TokensConfig, *national.Config),
) *national.Client {
	t.Helper()
	access := national.TokensConfig{
		URL: p.TokenURL(), APIKey: nationaltest.APIKey, KeyID: nationaltest.KeyID, Key: p.Key(),
		HTTP: national.NewHTTP(p.Roots()), Clock: c.Now, NewID: uuid.NewString,
	}
	config := national.Config{
		Service: service, BaseURL: address, HTTP: national.NewHTTP(p.Roots()), Timeout: 500 * time.Millisecond,
		Clock: c.Now, NewID: uuid.NewString, After: c.After,
	}
	change(&access, &config)
	tokens, err := national.NewTokens(access)
	must(t, err)
	config.Tokens = tokens
	return national.New(config)
}

// After advances the clock at once.
func (c *clock) After(d time.Duration) <-chan time.Time {
	c.Add(d)
	done := make(chan time.Time, 1)
	done <- c.Now()
	return done
}

func fillPDS(p *nationaltest.Platform) {
	for _, x := range []*fhir.Patient{
		patient(tess, "Example-Pds", "Tess", "2016-03-04", "female", "U", "LS1 4AP"),
		patient(plain, "Example-Pds", "Tom", "2016-03-05", "male", "U", "LS1 4AP"),
		patient(hidden, "Hidden-Pds", "Rose", "2015-01-02", "female", "R", "LS1 4AP"),
		patient(invalid, "Example-Pds", "Wrong", "2016-03-04", "female", "U", ""),
	} {
		p.PutPatient(*x)
	}
	p.PutPatient(*patient(mother, "Motherwell-Pds", "Mary", "1999-09-09", "female", "U", ""), fhir.RelatedPerson{
		ResourceType: "RelatedPerson", ID: "RP1", Patient: *fhir.NHSNumberReference(mother.Digits()),
		Relationship: []fhir.CodeableConcept{{Coding: []fhir.Coding{{
			System: "http://hl7.org/fhir/ValueSet/relatedperson-relationshiptype", Code: "Guardian",
		}}}},
	})
	p.Supersede(merged.Digits(), tess.Digits())
	p.Invalidate(invalid.Digits())
}

func TestPDSSource_FromTraceToOpening(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	found := x.get(nurse, patients, url.Values{"family": {"example-pds"}, "birthdate": {"eq2016-03-04"}})
	var rows fhir.Bundle
	found.into(t, &rows)
	if found.status != 200 || *rows.Total != 1 || !strings.Contains(found.body, "Example-Pds") {
		t.Fatalf("search: got status %d, body %s; want 200 with the patient of PDS", found.status, found.body)
	}

	got := x.get(nurse, patients+"/"+tess.Digits(), nil)
	if got.status != 200 || !strings.Contains(got.body, "Example-Pds") || got.header.Get("ETag") != `W/"3"` {
		t.Fatalf("retrieve: got status %d, body %s; want 200 with the patient of PDS", got.status, got.body)
	}

	related := x.get(nurse, patients+"/"+mother.Digits()+"/RelatedPerson", nil)
	if related.status != 200 || !strings.Contains(related.body, `"RP1"`) {
		t.Errorf("related persons: got status %d, body %s; want 200 with one", related.status, related.body)
	}
	related = x.get(nurse, patients+"/"+tess.Digits()+"/RelatedPerson", nil)
	if related.status != 200 || !strings.Contains(related.body, `"total":0`) {
		t.Errorf("no related persons: got status %d, body %s; want 200 with none", related.status, related.body)
	}

	for n, want := range map[nhs.Number]string{tess: `"total":1`, plain: `"total":0`} {
		if r := x.get(nurse, flag, about(n)); r.status != 200 || !strings.Contains(r.body, want) {
			t.Errorf("lamp: got status %d, body %s; want 200 with %s", r.status, r.body, want)
		}
	}

	for range 2 { // the second repeats the request
		opened := x.get(nurse, careTeam, about(tess), header("X-Request-ID", "11111111-1111-4111-8111-111111111111"))
		if opened.status != 200 || !strings.Contains(opened.body, `"total":2`) {
			t.Fatalf("opening: got status %d, body %s; want 200 with 2 plans", opened.status, opened.body)
		}
	}
	if a, n := b.left(tess); len(a) != 1 || len(n) != 2 {
		t.Errorf("the opening left %d accesses and %d notifications, want 1 and 2", len(a), len(n))
	}
}

func TestPDSSource_Superseded(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	got := x.get(nurse, patients+"/"+merged.Digits(), nil)
	if got.status != 200 || !strings.Contains(got.body, `"id":"`+tess.Digits()) {
		t.Errorf("retrieve: got status %d, body %s; want the current record", got.status, got.body)
	}
	if !x.lit(merged) {
		t.Error("lamp of a superseded number: got none recorded, want the alert of the current number")
	}
}

func TestPDSSource_Invalidated(t *testing.T) {
	b := newNationalFixture(t)
	b.planUnder(invalid)
	x := b.signIn()
	if r := x.get(nurse, patients+"/"+invalid.Digits(), nil); !refused(t, r, "INVALIDATED_RESOURCE") {
		t.Errorf("retrieve: got status %d, body %s; want INVALIDATED_RESOURCE", r.status, r.body)
	}
	for _, c := range alertCalls {
		if r := x.get(c.role, c.path, about(invalid), c.change...); !refused(t, r, "INVALIDATED_RESOURCE") {
			t.Errorf("GET %s: got status %d, body %s; want INVALIDATED_RESOURCE", c.path, r.status, r.body)
		}
	}
}

func TestPDSSource_Restricted(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	got := x.get(nurse, patients+"/"+hidden.Digits(), nil)
	if got.status != 200 || strings.Contains(got.body, "LS1") || !strings.Contains(got.body, "Hidden-Pds") {
		t.Errorf("retrieve: got status %d, body %s; want the record without its address", got.status, got.body)
	}
	query := url.Values{"family": {"hidden-pds"}, "birthdate": {"eq2015-01-02"}}
	if r := x.get(nurse, patients, query); r.status != 200 || strings.Contains(r.body, "LS1") ||
		!strings.Contains(r.body, `"total":1`) {
		t.Errorf("search: got status %d, body %s; want a row without the address", r.status, r.body)
	}
	query.Set("address-postalcode", "LS1 4AP")
	if r := x.get(nurse, patients, query); r.status != 200 || !strings.Contains(r.body, `"total":0`) {
		t.Errorf("search by postcode: got status %d, body %s; want no row", r.status, r.body)
	}
	if r := x.get(nurse, flag, about(hidden)); r.status != http.StatusForbidden {
		t.Errorf("lamp: got status %d, body %s; want 403", r.status, r.body)
	}
}

func TestPDSSource_UnknownNumber(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	for _, c := range alertCalls {
		if r := x.get(c.role, c.path, about(absent), c.change...); !refused(t, r, "RESOURCE_NOT_FOUND") {
			t.Errorf("GET %s: got status %d, body %s; want RESOURCE_NOT_FOUND", c.path, r.status, r.body)
		}
	}
	b.planUnder(absent)
	if !x.lit(absent) {
		t.Error("lamp of a plan without a record: got none recorded, want an alert")
	}
}

func TestPDSSource_TooManyMatches(t *testing.T) {
	b := newNationalFixture(t)
	b.platform.PutPatient(*patient(absent, "Example-Pds", "Tina", "2016-03-04", "female", "U", ""))
	r := b.signIn().get(nurse, patients, url.Values{"family": {"example-pds"}, "birthdate": {"eq2016-03-04"}})
	if r.status != 200 || !strings.Contains(r.body, "TOO_MANY_MATCHES") {
		t.Errorf("two matches with the hub's own access: got status %d, body %s; want TOO_MANY_MATCHES", r.status,
			r.body)
	}
}

func TestPDSSource_AuditOfEveryAnswer(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	x.get(nurse, patients+"/"+tess.Digits(), nil)
	b.platform.Replace(nationaltest.Patient, nationaltest.Gateway(503))
	x.get(nurse, flag, about(plain))
	trail := b.trail()
	last, before := trail[len(trail)-1], trail[len(trail)-2]
	if before.Outcome != "granted" || len(before.Patients) != 1 || before.Patients[0] != tess {
		t.Errorf("audit of an answer: got %+v, want granted about the patient", before)
	}
	if last.Outcome != "failed" || last.Reason != "pds-unavailable" || last.Patients[0] != plain {
		t.Errorf("audit of a failure: got %+v, want pds-unavailable about the patient", last)
	}
	for _, n := range []string{tess.Digits(), plain.Digits(), "Example-Pds"} {
		if strings.Contains(b.log.String(), n) {
			t.Errorf("the log contains %s", n)
		}
	}
}

func TestPDSSource_OneRequestForEachAnswer(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	for _, path := range []string{flag, careTeam, events} {
		before := len(b.platform.Requests(nationaltest.Patient))
		x.get(nurse, path, about(tess))
		if n := len(b.platform.Requests(nationaltest.Patient)) - before; n != 1 {
			t.Errorf("GET %s: got %d requests to PDS, want 1", path, n)
		}
	}
}

// pdsFaults are the failures of PDS, with the code of the hub's answer.
var pdsFaults = map[string]struct {
	set  func(*nationalFixture)
	code string
}{
	"a refused token": {func(b *nationalFixture) {
		b.platform.EndTokens()
		b.platform.Replace(nationaltest.Token, nationaltest.Refusal(401, "invalid_client"))
	}, "pds-refused"},
	"a token that PDS refuses": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Outcome(401, "forbidden", "ACCESS_DENIED"))
	}, "pds-refused"},
	"403 of the gateway in HTML": {func(b *nationalFixture) { b.everywhere(nationaltest.Gateway(403)) }, "pds-refused"},
	"404 of the gateway in HTML": {func(b *nationalFixture) { b.everywhere(nationaltest.Gateway(404)) },
		"pds-malformed"},
	"404 without a Spine code": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Outcome(404, "not-found", ""))
	}, "pds-malformed"},
	"429":               {func(b *nationalFixture) { b.everywhere(nationaltest.Wait(429, 30)) }, "pds-busy"},
	"500":               {func(b *nationalFixture) { b.everywhere(nationaltest.Gateway(500)) }, "pds-unavailable"},
	"503":               {func(b *nationalFixture) { b.everywhere(nationaltest.Wait(503, 30)) }, "pds-unavailable"},
	"no answer in time": {func(b *nationalFixture) { b.everywhere(nationaltest.Hang) }, "pds-timed-out"},
	"a lost connection": {func(b *nationalFixture) { b.everywhere(nationaltest.Drop) }, "pds-unavailable"},
	"no connection":     {func(b *nationalFixture) { b.platform.Stop() }, "pds-unavailable"},
	"an empty answer":   {func(b *nationalFixture) { b.everywhere(nationaltest.Body(fhir.MediaType, "")) }, "pds-malformed"},
	"not JSON": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Body(fhir.MediaType, `{"resourceType":"Pat`))
	}, "pds-malformed"},
	"a sign-in page": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Body("text/html", "<html>Sign in</html>"))
	}, "pds-malformed"},
	"an answer of another shape": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Body(fhir.MediaType, `{"resourceType":"Observation","id":"`+plain.Digits()+`"}`))
	}, "pds-malformed"},
	"a patient without a number": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Body(fhir.MediaType, `{"resourceType":"Patient"}`))
	}, "pds-malformed"},
	"an OperationOutcome with status 200": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Outcome(200, "processing", "RESOURCE_NOT_FOUND"))
	}, "pds-malformed"},
	"a wrong patient": {func(b *nationalFixture) {
		wrong := `{"resourceType":"Patient","id":"` + plain.Digits() + `","identifier":[{"system":"` +
			fhir.SystemNHSNumber + `","value":"` + tess.Digits() + `"}]}`
		b.platform.Replace(nationaltest.Patient, nationaltest.Body(fhir.MediaType, wrong))
		b.platform.Replace(nationaltest.Search, nationaltest.Body(fhir.MediaType,
			`{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":`+wrong+`}]}`))
	}, "pds-other-patient"},
	"a wrong clock": {func(b *nationalFixture) {
		b.platform.Replace(nationaltest.Token, nil)
		b.platform.EndTokens()
		b.platform.SetClock(func() time.Time { return b.clock.Now().Add(time.Hour) })
	}, "pds-refused"},
}

// everywhere makes PDS answer with h.
func (b *nationalFixture) everywhere(h http.HandlerFunc) {
	for _, p := range []nationaltest.Place{nationaltest.Search, nationaltest.Patient, nationaltest.Related} {
		b.platform.Replace(p, h)
	}
}

// failureCode returns the code of a failure of a national service in an answer, or "".
func failureCode(t *testing.T, r response) string {
	t.Helper()
	var o fhir.OperationOutcome
	r.into(t, &o)
	service, failure, _, ok := o.NationalFailure()
	if !ok || o.SpineCode() != "UNABLE_TO_CALL_SERVICE" {
		return ""
	}
	return service + "-" + failure
}

func TestPDSSource_Failures(t *testing.T) {
	for name, c := range pdsFaults {
		t.Run(name, func(t *testing.T) {
			b := newNationalFixture(t)
			x := b.signIn()
			c.set(b)
			const id = "22222222-2222-4222-8222-222222222222"
			for what, ask := range map[string]func() response{
				"search": func() response {
					return x.get(nurse, patients, url.Values{"family": {"example-pds"}, "birthdate": {"eq2016-03-04"}})
				},
				"retrieve": func() response { return x.get(nurse, patients+"/"+plain.Digits(), nil) },
				"related":  func() response { return x.get(nurse, patients+"/"+plain.Digits()+"/RelatedPerson", nil) },
				"lamp":     func() response { return x.get(nurse, flag, about(plain)) },
				"opening":  func() response { return x.get(nurse, careTeam, about(tess), header("X-Request-ID", id)) },
				"history":  func() response { return x.get(nurse, events, about(tess)) },
			} {
				r := ask()
				code := failureCode(t, r)
				if c.code == "pds-timed-out" && code == "pds-unavailable" {
					code = c.code // after five of them the hub doesn't ask for some time
				}
				if r.status != http.StatusServiceUnavailable || code != c.code {
					t.Errorf("%s: got status %d, body %s; want 503 with %s", what, r.status, r.body, c.code)
				}
			}

			if a, n := b.left(tess); len(a) != 0 || len(n) != 0 {
				t.Errorf("failed openings left %d accesses and %d notifications, want none", len(a), len(n))
			}

			if name == "no connection" {
				return
			}
			b.platform.SetClock(b.clock.Now)
			b.everywhere(nil)
			b.platform.Replace(nationaltest.Token, nil)
			b.clock.Add(time.Minute) // the circuit allows a trial
			for range 2 {
				r := x.get(nurse, careTeam, about(tess), header("X-Request-ID", id))
				if r.status != http.StatusOK {
					t.Fatalf("the same opening later: got status %d, body %s; want 200", r.status, r.body)
				}
			}
			if a, n := b.left(tess); len(a) != 1 || len(n) != 2 {
				t.Errorf("the opening left %d accesses and %d notifications, want 1 and 2", len(a), len(n))
			}
		})
	}
}

func TestPDSSource_DownSince(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	b.everywhere(nationaltest.Gateway(503))
	var r response
	for range 6 {
		r = x.get(nurse, flag, about(plain))
	}
	// The clock of the tests is in British Summer Time.
	if !strings.Contains(r.body, `"valueInstant":"2026-07-15T14:00:00+01:00"`) || r.header.Get("Retry-After") == "" {
		t.Errorf("lamp: got body %s, header %v; want since when, and Retry-After", r.body, r.header)
	}
}

func TestPDSSource_TokenAfterAnHour(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	for range 3 {
		if !x.lit(tess) {
			t.Fatal("lamp: got none recorded, want an alert")
		}
		b.clock.Add(10 * time.Minute)
		b.platform.EndTokens()
	}
}

func TestPDSSource_HeadersOfTheGatewayAreRefused(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	before := len(b.platform.Requests(nationaltest.Patient))
	for _, name := range []string{"NHSD-Identity-UUID", "nhsd-identity-idp"} {
		for _, path := range []string{patients + "/" + tess.Digits(), flag} {
			query := about(tess)
			if path != flag {
				query = nil
			}
			if r := x.get(nurse, path, query, header(name, "999000000001")); r.status != http.StatusBadRequest {
				t.Errorf("GET %s with %s: got status %d, body %s; want 400", path, name, r.status, r.body)
			}
		}
	}
	if n := len(b.platform.Requests(nationaltest.Patient)) - before; n != 0 {
		t.Errorf("got %d requests to PDS, want none", n)
	}
}

func TestPDSSource_Upload(t *testing.T) {
	const (
		toms       = "add;CPP;9990000026;05/03/2016;Example-Pds;Tom;01/07/2026;;;R-1"
		bookName   = "add;CPP;9990000026;04/03/2016;Example;Tom;01/07/2026;;;R-2"
		restricted = "add;CPP;9990000034;02/01/2015;Hidden-Pds;Rose;01/07/2026;;;R-3"
		replaced   = "add;CPP;9990000050;04/03/2016;Example-Pds;Tess;01/07/2026;;;R-4"
		wrong      = "add;CPP;9990000069;04/03/2016;Example-Pds;Wrong;01/07/2026;;;R-5"
		unknown    = "add;CPP;9990000077;04/03/2016;Example-Pds;Wrong;01/07/2026;;;R-6"
		shortened  = "add;LAC;9990000026;05/03/2016;Example-Pds;T;01/07/2026;;;R-7"
	)
	b := newNationalFixture(t)
	o, x := b.office("V999"), b.signIn()
	before := len(b.platform.Requests(nationaltest.Patient))
	o.took(o.csv("1", sheet(toms, bookName, restricted, replaced, wrong, unknown, shortened)), "CPF03",
		"2 CPR06, 3 CPR01, 4 CPR02, 5 CPR05, 6 CPR01, 7 CPR01, 8 CPR01")
	if n := len(b.platform.Requests(nationaltest.Patient)) - before; n != 5 {
		t.Errorf("requests to PDS: got %d, want one for each patient", n)
	}
	if !x.lit(plain) {
		t.Error("lamp after the upload: got none recorded, want an alert")
	}

	b.everywhere(nationaltest.Gateway(503))
	if r := o.csv("2", sheet(toms)); r.status != 503 || !strings.Contains(r.body, `"CPF05"`) {
		t.Errorf("upload without PDS: got status %d, body %s; want CPF05", r.status, r.body)
	}
	b.everywhere(nil)
	b.clock.Add(time.Minute)
	o.took(o.csv("2", sheet(toms)), "CPF02", "2 CPR06")
}

// noneRecorded reports whether a patient's lamp says that there is no alert.
func (x *terminal) noneRecorded(n nhs.Number) bool {
	x.b.t.Helper()
	r := x.get(nurse, flag, about(n))
	return r.status == http.StatusOK && strings.Contains(r.body, `"total":0`)
}

func TestPDSSource_PlanUnderANumberThatWasSuperseded(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	b.planUnder(absent)
	b.platform.PutPatient(*patient(absent, "Former-Pds", "Tom", "2016-03-05", "male", "U", ""))
	b.hub.CheckNumbers(t.Context())
	if !x.noneRecorded(plain) {
		t.Fatal("lamp of another patient: want none recorded")
	}

	b.platform.Supersede(absent.Digits(), plain.Digits())
	b.clock.Add(25 * time.Hour)
	x = b.signIn()
	b.hub.CheckNumbers(t.Context())
	if !x.lit(plain) {
		t.Error("lamp of the current number: got none recorded, want the alert of the superseded number")
	}
	opened := x.get(nurse, careTeam, about(plain))
	if opened.status != 200 || !strings.Contains(opened.body, `"total":1`) {
		t.Errorf("opening: got status %d, body %s; want the plan", opened.status, opened.body)
	}
	if a, n := b.left(plain); len(a) != 1 || len(n) != 1 {
		t.Errorf("the opening left %d accesses and %d notifications, want 1 and 1", len(a), len(n))
	}
}

func TestPDSSource_NumbersOfPlansAreUnchecked(t *testing.T) {
	b := newNationalFixture(t)
	x := b.signIn()
	b.planUnder(absent) // as if it had been stored before people came from PDS
	b.clock.Add(2 * time.Minute)
	cannotSay := func(when string) {
		t.Helper()
		var o fhir.OperationOutcome
		r := x.get(nurse, flag, about(plain))
		r.into(t, &o)
		if r.status != http.StatusServiceUnavailable || !o.HasIssue("incomplete") {
			t.Errorf("%s, no plan: got status %d, body %s; want 503 incomplete", when, r.status, r.body)
		}
		if !x.lit(tess) {
			t.Errorf("%s, a plan: got none recorded, want an alert", when)
		}
	}
	cannotSay("a number that was never checked")

	b.everywhere(nationaltest.Gateway(503))
	b.hub.CheckNumbers(t.Context())
	b.everywhere(nil)
	b.clock.Add(time.Minute)
	cannotSay("a failed check")

	b.hub.CheckNumbers(t.Context())
	b.clock.Add(2 * time.Minute)
	if !x.noneRecorded(plain) {
		t.Error("lamp after the check: want none recorded")
	}

	b.clock.Add(49 * time.Hour)
	x = b.signIn()
	cannotSay("checks of two days ago")
	sent := len(b.platform.Requests(nationaltest.Patient))
	b.hub.CheckNumbers(t.Context())
	if n := len(b.platform.Requests(nationaltest.Patient)) - sent; n != 4 {
		t.Errorf("checks: got %d requests, want one for each number with a plan", n)
	}
	if !x.noneRecorded(plain) {
		t.Error("lamp after the checks: want none recorded")
	}
}

func TestPDSSource_UploadChecksItsNumbers(t *testing.T) {
	b := newNationalFixture(t)
	o, x := b.office("V999"), b.signIn()
	b.platform.PutPatient(*patient(absent, "New-Pds", "Tim", "2016-03-05", "male", "U", ""))
	o.took(o.csv("1", sheet("add;CPP;9990000077;05/03/2016;New-Pds;Tim;01/07/2026;;;R-1")), "CPF02", "2 CPR06")
	b.clock.Add(2 * time.Minute)
	if !x.noneRecorded(plain) {
		t.Error("lamp after an upload: got an alert or a failure, want none recorded")
	}
}

func TestPDSSource_UserAccess(t *testing.T) {
	held := "id-token"
	b := newNationalFixture(t, func(b *fixture, c *hub.Config) {
		platform := nationaltest.New(t, b.clock.Now)
		fillPDS(platform)
		platform.PutPatient(*patient(absent, "Example-Pds", "Tina", "2016-03-04", "female", "U", ""))
		platform.IDToken = func(token string) bool { return token == "id-token" }
		records := pds.New(pdsClient(t, platform, b.clock, func(c *national.TokensConfig) {
			c.IDToken = func(context.Context, national.Caller) (string, error) { return held, nil }
		}), pds.NewLinks(c.Store, b.clock.Now))
		c.People, c.Records, c.Rows, c.Numbers = records, records, records, records
		t.Cleanup(func() {
			for _, r := range platform.Requests(nationaltest.Search) {
				if r.Header.Get("NHSD-Session-URID") != nurse || r.Header.Get("NHSD-End-User-Organisation-ODS") != "RX1" {
					t.Errorf("search: got headers %v, want the role and its organisation", r.Header)
				}
			}
		})
	})
	x := b.signIn()
	query := url.Values{"family": {"example-pds"}, "birthdate": {"eq2016-03-04"}}
	if r := x.get(nurse, patients, query); r.status != 200 || !strings.Contains(r.body, `"total":2`) {
		t.Errorf("search in a person's name: got status %d, body %s; want both patients", r.status, r.body)
	}

	held = ""
	r := x.get(nurse, flag, about(plain))
	if r.status != http.StatusServiceUnavailable || failureCode(t, r) != "pds-sign-in-needed" {
		t.Errorf("lamp without an ID token: got status %d, body %s; want pds-sign-in-needed", r.status, r.body)
	}

	o := b.office("V999")
	o.took(o.csv("1", sheet("add;CPP;9990000026;05/03/2016;Example-Pds;Tom;01/07/2026;;;R-1")), "CPF02", "2 CPR06")
}
