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
func newSCRSource(t *testing.T, change ...func(*national.Config)) *scrSource {
	t.Helper()
	s := &scrSource{}
	s.fixture = newFixture(t, func(b *fixture, c *hub.Config) {
		s.platform = nationaltest.New(t, b.clock.Now)
		s.platform.IDToken = func(token string) bool { return strings.HasPrefix(token, "id of ") }
		s.SCR = s.platform.SCR()
		source := scrService(t, s.platform, s.SCR, b.clock.Now, s.idToken, change...)
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

// TestSCR_Failures checks that each failure of the service has its own code, shows nothing and makes no alert.
func TestSCR_Failures(t *testing.T) {
	d := summaryOf(tess, start)
	other := string(people.NewSummary(plain, start, people.Allergies([]string{"", "penicillin", "", "", ""})).Bundle)
	noConsent := "There's no patient's consent to store SCR"
	for what, c := range map[string]struct {
		answer http.HandlerFunc
		status int
		code   string
		wait   string
	}{
		"403":         {nationaltest.SCROutcome(403, "forbidden", noConsent), 403, "scr-no-consent", ""},
		"420":         {nationaltest.SCROutcome(420, "forbidden", "Code: 420"), 420, "scr-access-controlled", ""},
		"400":         {nationaltest.SCROutcome(400, "invalid", "Bad request"), 503, "scr-refused", ""},
		"401":         {nationaltest.SCROutcome(401, "forbidden", "Invalid access token"), 503, "scr-refused", ""},
		"429":         {nationaltest.Wait(429, 60), 503, "scr-busy", "60"},
		"503 in HTML": {nationaltest.Gateway(503), 503, "scr-unavailable", ""},
		"503":         {nationaltest.Wait(503, 30), 503, "scr-unavailable", "30"},
		"500":         {nationaltest.SCROutcome(500, "unknown", "Unknown Error"), 503, "scr-unavailable", ""},
		"504":         {nationaltest.SCROutcome(504, "transient", "timed out"), 503, "scr-timed-out", ""},
		"dropped":     {nationaltest.Drop, 503, "scr-unavailable", ""},
		"no answer":   {nationaltest.Hang, 503, "scr-timed-out", ""},
		"HTML with 200": {
			nationaltest.Body("text/html", "<html><table>penicillin</table></html>"), 503,
			"scr-malformed", "",
		},
		"half": {
			nationaltest.Body("application/fhir+json", string(d.Body[:200])), 503, "scr-malformed",
			"",
		},
		"another resource": {nationaltest.Body("application/fhir+json", `{"resourceType":"Patient"}`), 503, "scr-malformed", ""},
		"no Composition": {
			nationaltest.Body("application/fhir+json", strings.Replace(string(d.Body), `"Composition"`, `"Basic"`, 1)), 503,
			"scr-malformed", "",
		},
		"another patient": {nationaltest.Body("application/fhir+json", other), 503, "scr-other-patient", ""},
		"too long": {
			nationaltest.Body("application/fhir+json", `{"a":"`+strings.Repeat("penicillin", scr.MaxBody/10)+`"}`), 503,
			"scr-malformed", "",
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := newSCRSource(t, func(c *national.Config) {
				if what == "no answer" {
					c.Timeout = 100 * time.Millisecond
				}
			})
			s.platform.Replace(nationaltest.Summary, c.answer)
			r := s.x.get(emergencyMD, scrBundle, viewOf(tess, d.ID), emergency)
			if r.status != c.status || !strings.Contains(r.body, `"`+c.code+`"`) ||
				strings.Contains(r.body, "penicillin") ||
				r.header.Get("Retry-After") != c.wait {
				t.Errorf(
					"view: got %d, Retry-After %q, %s; want %d with %s",
					r.status,
					r.header.Get("Retry-After"),
					r.body,
					c.status,
					c.code,
				)
			}
			if all := s.alerts(); len(all) != 0 {
				t.Errorf("got alerts %+v, want none, because nothing was shown", all)
			}
			if strings.Contains(s.log.String(), tess.Digits()) || strings.Contains(s.log.String(), "penicillin") {
				t.Errorf("the log has the patient or the answer: %s", s.log)
			}

			s.platform.Replace(nationaltest.Reference, c.answer)
			r = s.x.get(reader, scrReference, scrOf(tess))
			if r.status == 200 {
				t.Errorf("search: got %s, want no answer", r.body)
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
	reference := func(id, permission string, number nhs.Number) string {
		return `{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":{"resourceType":"DocumentReference",
		"masterIdentifier":{"system":"https://fhir.nhs.uk/Id/nhsSCRUUID","value":"` + id + `"},
		"securityLabel":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission","code":"` + permission + `"}]}]}},
		{"resource":{"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` +
			number.Digits() + `"}]}}]}`
	}
	good = reference(id, "Yes", tess)
	for what, c := range map[string]struct{ body, code string }{
		"good":               {good, ""},
		"another patient":    {reference(id, "Ask", plain), "scr-other-patient"},
		"no patient":         {strings.Replace(good, `"Patient"`, `"Basic"`, 1), "scr-malformed"},
		"unknown permission": {reference(id, "Maybe", tess), "scr-malformed"},
		"no ID":              {reference("", "Ask", tess), "scr-malformed"},
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
