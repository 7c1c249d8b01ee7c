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
				if r.Header.Get("NHSD-Session-URID") != nurse ||
					r.Header.Get("NHSD-End-User-Organisation-ODS") != "RX1" {
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
