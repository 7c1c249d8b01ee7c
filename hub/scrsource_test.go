package hub_test

import (
	"context"
	"encoding/json"
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
	"wardlight/hub/summary"
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
		tokens, err := national.NewTokens(national.TokensConfig{
			URL: s.platform.TokenURL(), APIKey: nationaltest.APIKey, KeyID: nationaltest.KeyID, Key: s.platform.Key(),
			HTTP: national.NewHTTP(s.platform.Roots()), Clock: b.clock.Now, NewID: uuid.NewString,
			IDToken: func(_ context.Context, who national.Caller) (string, error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				if s.gone {
					return "", errors.New("no sign-in")
				}
				return "id of " + who.UUID, nil
			},
		})
		must(t, err)
		config := national.Config{
			Service: national.SummaryCareRecord,
			BaseURL: s.URL,
			HTTP:    national.NewHTTP(s.platform.Roots()),
			Tokens:  tokens,
			Clock:   b.clock.Now,
			After:   time.After,
			NewID:   uuid.NewString,
			MaxBody: scr.MaxBody,
		}
		for _, f := range change {
			f(&config)
		}
		source := scr.New(scr.Config{
			Client: national.New(config), ASID: "200000001234", Clock: b.clock.Now, NewID: uuid.NewString,
		})
		c.Summaries, c.SendAlert = source, source.Send
	})
	fillSummaries(t, s.store)
	d := summaryOf(tess, start)
	s.Put(tess.Digits(), d.ID, "Ask", string(d.Body))
	s.x = s.signIn()
	return s
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
	s.mu.Lock()
	s.gone = true
	s.mu.Unlock()
	r := s.x.get(reader, scrReference, scrOf(tess))
	if r.status != 503 || !strings.Contains(r.body, "scr-sign-in-needed") {
		t.Errorf("got %d %s, want scr-sign-in-needed", r.status, r.body)
	}
}

// sent returns the state of the only alert, after a hub's sender has tried to send it.
func (s *scrSource) sent(t *testing.T, until func(summary.Sending) bool) summary.Sending {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.hub.Run(ctx)
	}()
	defer func() {
		cancel()
		<-done
	}()

	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if all := s.alerts(); len(all) == 1 && until(all[0].Sending) {
			return all[0].Sending
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("got alerts %+v in time, want another state", s.alerts())
		}
	}
}

// TestSCR_AlertIsSent checks that an alert waits until the service accepts it, and is then one alert there.
func TestSCR_AlertIsSent(t *testing.T) {
	s := newSCRSource(t)
	s.platform.Replace(nationaltest.Alert, nationaltest.Gateway(503))
	r := s.x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
	if r.status != 200 {
		t.Fatalf("got %d %s, want the summary", r.status, r.body)
	}
	if state := s.alerts()[0].Sending.State(); state != summary.Waiting {
		t.Errorf("before it was sent: got %s, want waiting", state)
	}
	failed := s.sent(t, func(a summary.Sending) bool { return a.LastError != "" })
	if failed.State() != summary.Waiting || failed.Attempts != 1 {
		t.Errorf("after a failure: got %+v, want waiting", failed)
	}

	s.platform.Replace(nationaltest.Alert, nil)
	s.clock.Add(time.Hour)
	ok := s.sent(t, func(a summary.Sending) bool { return a.State() != summary.Waiting })
	if ok.State() != summary.Sent || ok.LastError != "" {
		t.Errorf("got %+v, want sent", ok)
	}

	alerts := s.Alerts()
	if len(alerts) != 1 {
		t.Fatalf("the service got %d alerts, want one", len(alerts))
	}
	var event struct {
		ID      string
		Type    struct{ Code string }
		Subtype []struct{ Code string }
		Agent   []struct {
			Who struct {
				Identifier struct{ Value string }
			}
		}
		OutcomeDesc string
	}
	must(t, json.Unmarshal([]byte(alerts[0]), &event))
	if event.Type.Code != "2" || event.Subtype[0].Code != "5" || event.Agent[0].Who.Identifier.Value != tess.Digits() ||
		event.Agent[1].Who.Identifier.Value != "RX1" ||
		event.Agent[2].Who.Identifier.Value != nurseUUID ||
		!strings.HasPrefix(event.OutcomeDesc, "Unconscious") ||
		event.ID != s.alerts()[0].ID {
		t.Errorf("got the alert %s, want that of the view", alerts[0])
	}
}

// TestSCR_AlertIsAbandoned checks alerts that the service can't get: they stay in the privacy officer's list.
func TestSCR_AlertIsAbandoned(t *testing.T) {
	for what, prepare := range map[string]func(*scrSource){
		"the sign-in has ended": func(s *scrSource) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.gone = true
		},
		"refused": func(s *scrSource) {
			s.platform.Replace(nationaltest.Alert, nationaltest.SCROutcome(400, "invalid", "NHS number missing"))
		},
		"a week": func(s *scrSource) {
			s.platform.Replace(nationaltest.Alert, nationaltest.Gateway(503))
			s.clock.Add(8 * 24 * time.Hour)
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := newSCRSource(t)
			s.x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
			prepare(s)
			got := s.sent(t, func(a summary.Sending) bool { return a.State() != summary.Waiting })
			if got.State() != summary.Abandoned || got.LastError == "" ||
				!strings.Contains(s.log.String(), "ALARM: a privacy alert") {
				t.Errorf("got %+v, want abandoned with an alarm", got)
			}
			if len(s.Alerts()) != 0 {
				t.Error("the service has the alert, want none")
			}
			if strings.Contains(s.log.String(), tess.Digits()) {
				t.Errorf("the log has the patient: %s", s.log)
			}
		})
	}
}
