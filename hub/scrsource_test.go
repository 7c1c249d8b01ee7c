package hub_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/scr"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// scrSource is a hub whose summaries come from a stand-in of the national service.
type scrSource struct {
	*fixture
	*nationaltest.SCR
	platform *nationaltest.Platform
	x        *terminal

	mu   sync.Mutex
	gone bool // the person's CIS2 sign-in has ended
}

// newSCRSource returns a hub with the national service's summaries of tess. Its clock doesn't advance by itself.
func newSCRSource(t testing.TB, change ...func(*national.Config)) *scrSource {
	t.Helper()
	return newSCRSourceWith(t, func(*fixture, *hub.Config) {}, change...)
}

// newSCRSourceWith returns the same as newSCRSource, with an option for the hub.
func newSCRSourceWith(t testing.TB, with option, change ...func(*national.Config)) *scrSource {
	t.Helper()
	s := &scrSource{}
	s.fixture = newFixture(t, with, func(b *fixture, c *hub.Config) {
		s.platform = nationaltest.New(t, b.clock.Now)
		s.platform.IDToken = func(token string) bool { return strings.HasPrefix(token, "id of ") }
		s.SCR = s.platform.SCR()
		logs := func(n *national.Config) { n.Log = c.Log }
		source := scrService(t, s.platform, s.SCR, b.clock.Now, s.idToken, append(change, logs)...)
		c.Summaries, c.SendAlert = source, source.Send
	})
	fillSummaries(t, s.store)
	d := summaryOf(tess, start)
	s.Put(tess.Digits(), d.ID, "Ask", string(d.Body))
	s.x = s.signIn()
	return s
}

// idToken returns the ID token of a person, or an error after the sign-in has ended.
func (s *scrSource) idToken(_ context.Context, who national.Caller) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return "", errors.New("no sign-in")
	}
	return "id of " + who.UUID, nil
}

// signOut ends the person's sign-in with CIS2 at this hub.
func (s *scrSource) signOut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
}

// scrService returns a source of summaries with access for persons.
func scrService(t testing.TB, p *nationaltest.Platform, at *nationaltest.SCR, clock func() time.Time,
	idToken func(context.Context, national.Caller) (string, error), change ...func(*national.Config),
) *scr.Service {
	t.Helper()
	tokens, err := national.NewTokens(national.TokensConfig{
		URL: p.TokenURL(), APIKey: nationaltest.APIKey, KeyID: nationaltest.KeyID, Key: p.Key(),
		HTTP: national.NewHTTP(p.Roots()), Clock: clock, NewID: uuid.NewString, IDToken: idToken,
	})
	must(t, err)
	config := national.Config{
		Service: national.SummaryCareRecord, BaseURL: at.URL, HTTP: national.NewHTTP(p.Roots()), Tokens: tokens,
		Clock: clock, After: time.After, NewID: uuid.NewString, MaxBody: scr.MaxBody,
	}
	for _, f := range change {
		f(&config)
	}
	return scr.New(scr.Config{
		Client: national.New(config), ASID: "200000001234", Clock: clock, NewID: uuid.NewString,
	})
}

func TestSCR_FoundAndViewed(t *testing.T) {
	s := newSCRSource(t)
	id, sharing := s.x.get(reader, scrReference, scrOf(tess)).reference(t)
	r := s.x.get(reader, scrBundle, viewOf(tess, id), agreed)
	if id != summaryOf(tess, start).ID || sharing != "Ask" || !strings.Contains(r.body, "penicillin") {
		t.Errorf("got %s %s, body %s; want the summary", id, sharing, r.body)
	}
	asked := s.platform.Requests(nationaltest.Summary)
	if len(asked) != 1 || asked[0].Header.Get("NHSD-Session-URID") != reader {
		t.Errorf("got requests %+v, want one in the person's role", asked)
	}

	s.Put(tess.Digits(), id, "No", "")
	if _, sharing := s.x.get(reader, scrReference, scrOf(tess)).reference(t); sharing != "No" {
		t.Errorf("opted out: got %s, want No", sharing)
	}
	if id, _ := s.x.get(reader, scrReference, scrOf(plain)).reference(t); id != "" {
		t.Errorf("none on file: got %s, want an empty searchset", id)
	}
	if r := s.x.get(reader, scrBundle, viewOf(tess, uuid.NewString()), agreed); r.kinds(t) != "" {
		t.Errorf("outdated ID: got %s, want an empty Bundle", r.body)
	}

	// A superseded number is asked for by the current one.
	s.Put(tess.Digits(), id, "Ask", string(summaryOf(tess, start).Body))
	r = s.x.get(reader, scrBundle, viewOf(merged, id), agreed)
	if !strings.Contains(r.body, merged.Digits()) || strings.Contains(r.body, tess.Digits()) {
		t.Errorf("superseded number: got %s, want the requested number", r.body)
	}
}

// scrFaults returns the failures of the service, its gateway, the token end-point and the network, with the hub's
// answers.
func scrFaults() map[string]struct {
	set    func(*scrSource)
	status int
	code   string
	wait   string // Retry-After
} {
	d := summaryOf(tess, start)
	other := string(people.NewSummary(plain, start, people.Allergies([]string{"", "penicillin", "", "", ""})).Bundle)
	const media = "application/fhir+json"
	everywhere := func(h http.HandlerFunc) func(*scrSource) {
		return func(s *scrSource) {
			s.platform.Replace(nationaltest.Summary, h)
			s.platform.Replace(nationaltest.Reference, h)
		}
	}
	token := func(h http.HandlerFunc) func(*scrSource) {
		return func(s *scrSource) { s.platform.Replace(nationaltest.Token, h) }
	}
	outcome := func(status int, issue, text string) func(*scrSource) {
		return everywhere(nationaltest.SCROutcome(status, issue, text))
	}
	body := func(kind, text string) func(*scrSource) { return everywhere(nationaltest.Body(kind, text)) }
	status := func(status int) func(*scrSource) {
		return everywhere(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
	}

	return map[string]struct {
		set    func(*scrSource)
		status int
		code   string
		wait   string
	}{
		"403": {
			outcome(403, "forbidden", "There's no patient's consent to store SCR"), 403, "no-consent", "",
		},
		"403 for another reason":  {outcome(403, "forbidden", "Interaction not permitted"), 503, "refused", ""},
		"403 of a gateway":        {everywhere(nationaltest.Gateway(403)), 503, "refused", ""},
		"420":                     {outcome(420, "forbidden", "Code: 420"), 420, "access-controlled", ""},
		"420 of a gateway":        {everywhere(nationaltest.Gateway(420)), 503, "refused", ""},
		"400":                     {outcome(400, "invalid", "Bad request"), 503, "refused", ""},
		"401":                     {outcome(401, "forbidden", "Invalid access token"), 503, "refused", ""},
		"404":                     {outcome(404, "not-found", "Not found"), 503, "malformed", ""},
		"404 of a gateway":        {everywhere(nationaltest.Gateway(404)), 503, "malformed", ""},
		"408":                     {everywhere(nationaltest.Gateway(408)), 503, "timed-out", ""},
		"429":                     {everywhere(nationaltest.Wait(429, 60)), 503, "busy", "60"},
		"500":                     {outcome(500, "unknown", "Unknown Error"), 503, "unavailable", ""},
		"502 of a gateway":        {everywhere(nationaltest.Gateway(502)), 503, "unavailable", ""},
		"503":                     {everywhere(nationaltest.Wait(503, 30)), 503, "unavailable", "30"},
		"503 in HTML":             {everywhere(nationaltest.Gateway(503)), 503, "unavailable", ""},
		"504":                     {outcome(504, "transient", "timed out"), 503, "timed-out", ""},
		"a redirect":              {status(302), 503, "malformed", ""},
		"204":                     {status(204), 503, "malformed", ""},
		"a lost connection":       {everywhere(nationaltest.Drop), 503, "unavailable", ""},
		"no answer in time":       {everywhere(nationaltest.Hang), 503, "timed-out", ""},
		"no connection":           {func(s *scrSource) { s.platform.Stop() }, 503, "unavailable", ""},
		"a refused token request": {token(nationaltest.Refusal(401, "invalid_client")), 503, "refused", ""},
		"no token end-point":      {token(nationaltest.Gateway(502)), 503, "unavailable", ""},
		"a wrong clock": {func(s *scrSource) {
			s.platform.SetClock(func() time.Time { return s.clock.Now().Add(time.Hour) })
		}, 503, "refused", ""},
		"an empty answer":       {body(media, ""), 503, "malformed", ""},
		"half an answer":        {body(media, string(d.Body[:200])), 503, "malformed", ""},
		"HTML with 200":         {body("text/html", "<html><table>penicillin</table></html>"), 503, "malformed", ""},
		"another media type":    {body("text/html", string(d.Body)), 503, "malformed", ""},
		"none in HTML":          {body("text/html", `{"resourceType":"Bundle","type":"searchset","total":0}`), 503, "malformed", ""},
		"none, of another type": {body(media, `{"resourceType":"Bundle","type":"collection","total":0}`), 503, "malformed", ""},
		"an outcome with 200":   {outcome(200, "informational", "penicillin"), 503, "malformed", ""},
		"another resource":      {body(media, `{"resourceType":"Patient"}`), 503, "malformed", ""},
		"no Composition": {
			body(media, strings.Replace(string(d.Body), `"Composition"`, `"Basic"`, 1)), 503, "malformed", "",
		},
		"another patient": {func(s *scrSource) {
			s.platform.Replace(nationaltest.Summary, nationaltest.Body(media, other))
			s.platform.Replace(nationaltest.Reference, nationaltest.Body(media, scrReferenceOf(d.ID, "Ask", plain)))
		}, 503, "other-patient", ""},
		"too long": {body(media, `{"a":"`+strings.Repeat("penicillin", scr.MaxBody/10)+`"}`), 503, "malformed", ""},
	}
}

// scrReferenceOf returns an answer to a search for the latest summary.
func scrReferenceOf(id, permission string, number nhs.Number) string {
	return `{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":{"resourceType":"DocumentReference",
		"masterIdentifier":{"system":"https://fhir.nhs.uk/Id/nhsSCRUUID","value":"` + id + `"},
		"securityLabel":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission","code":"` + permission + `"}]}]}},
		{"resource":{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` +
		number.Digits() + `"}]}}]}`
}

// TestSCR_Failures checks that each failure has its own code, shows nothing and makes no alert, and that the same
// request shows the summary later, with one alert.
func TestSCR_Failures(t *testing.T) {
	for what, c := range scrFaults() {
		t.Run(what, func(t *testing.T) {
			s := newSCRSource(t, func(c *national.Config) {
				if what == "no answer in time" {
					c.Timeout = 300 * time.Millisecond
				}
			})
			c.set(s)
			view := func() response {
				return s.x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency,
					header("X-Request-ID", "22222222-2222-4222-8222-222222222222"))
			}
			for call, r := range map[string]response{
				"view": view(), "search": s.x.get(reader, scrReference, scrOf(tess)),
			} {
				if r.status != c.status || !strings.Contains(r.body, `"scr-`+c.code+`"`) ||
					strings.Contains(r.body, "penicillin") || r.header.Get("Retry-After") != c.wait {
					t.Errorf("%s: got %d, Retry-After %q, %s; want %d with %s", call, r.status,
						r.header.Get("Retry-After"), r.body, c.status, c.code)
				}
			}
			if all := s.alerts(); len(all) != 0 {
				t.Errorf("got alerts %+v, want none, because nothing was shown", all)
			}
			for _, secret := range []string{tess.Digits(), "penicillin", nationaltest.APIKey} {
				if strings.Contains(s.log.String(), secret) {
					t.Errorf("the log contains %q", secret)
				}
			}
			if !strings.Contains(s.log.String(), "A request to a national service failed.") {
				t.Error("the log lacks the failure")
			}

			if what == "no connection" {
				return
			}
			s.platform.SetClock(s.clock.Now)
			for _, place := range []nationaltest.Place{
				nationaltest.Token, nationaltest.Summary, nationaltest.Reference,
			} {
				s.platform.Replace(place, nil)
			}
			s.clock.Add(time.Minute) // the circuit allows a trial
			for range 2 {
				if r := view(); r.status != 200 || !strings.Contains(r.body, "penicillin") {
					t.Errorf("the same request later: got %d %s, want the summary", r.status, r.body)
				}
			}
			if all := s.alerts(); len(all) != 1 {
				t.Errorf("the same request later: got alerts %+v, want one", all)
			}
		})
	}
}

// TestSCR_WrongReferences checks answers to a search that must not be read as a summary, or as none on file.
func TestSCR_WrongReferences(t *testing.T) {
	s := newSCRSource(t)
	var good string
	s.platform.Replace(nationaltest.Reference, nil)
	id := summaryOf(tess, start).ID
	good = scrReferenceOf(id, "Yes", tess)
	for what, c := range map[string]struct{ body, code string }{
		"good":               {good, ""},
		"another patient":    {scrReferenceOf(id, "Ask", plain), "scr-other-patient"},
		"no patient":         {strings.Replace(good, `"Patient"`, `"Basic"`, 1), "scr-malformed"},
		"unknown permission": {scrReferenceOf(id, "Maybe", tess), "scr-malformed"},
		"no ID":              {scrReferenceOf("", "Ask", tess), "scr-malformed"},
		"no reference":       {strings.Replace(good, `"DocumentReference"`, `"Basic"`, 1), "scr-malformed"},
		"no searchset":       {strings.Replace(good, `"searchset"`, `"collection"`, 1), "scr-malformed"},
	} {
		s.platform.Replace(nationaltest.Reference, nationaltest.Body("application/fhir+json", c.body))
		r := s.x.get(reader, scrReference, scrOf(tess))
		if c.code == "" && r.status == 200 || r.status == 503 && strings.Contains(r.body, `"`+c.code+`"`) {
			continue
		}
		t.Errorf("%s: got %d %s, want %q", what, r.status, r.body, c.code)
	}
}

func TestSCR_SignInNeeded(t *testing.T) {
	s := newSCRSource(t)
	s.signOut()
	r := s.x.get(reader, scrReference, scrOf(tess))
	if r.status != 503 || !strings.Contains(r.body, "scr-sign-in-needed") {
		t.Errorf("got %d %s, want scr-sign-in-needed", r.status, r.body)
	}
}
