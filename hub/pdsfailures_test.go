package hub_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
)

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
	"404 of the gateway in HTML": {
		func(b *nationalFixture) { b.everywhere(nationaltest.Gateway(404)) },
		"pds-malformed",
	},
	"404 without a Spine code": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Outcome(404, "not-found", ""))
	}, "pds-malformed"},
	"429":               {func(b *nationalFixture) { b.everywhere(nationaltest.Wait(429, 30)) }, "pds-busy"},
	"500":               {func(b *nationalFixture) { b.everywhere(nationaltest.Gateway(500)) }, "pds-unavailable"},
	"503":               {func(b *nationalFixture) { b.everywhere(nationaltest.Wait(503, 30)) }, "pds-unavailable"},
	"no answer in time": {func(b *nationalFixture) { b.everywhere(nationaltest.Hang) }, "pds-timed-out"},
	"a lost connection": {func(b *nationalFixture) { b.everywhere(nationaltest.Drop) }, "pds-unavailable"},
	"no connection":     {func(b *nationalFixture) { b.platform.Stop() }, "pds-unavailable"},
	"an empty answer": {func(b *nationalFixture) {
		b.everywhere(nationaltest.Body(fhir.MediaType, ""))
	}, "pds-malformed"},
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
