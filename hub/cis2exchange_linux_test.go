package hub_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/pds"
	"wardlight/hub/summary"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/lab/openidtest"
)

// verifies returns a check of an ID token by the platform's own rules. It counts the tokens.
func verifies(t *testing.T, p *openidtest.Provider, verified *int) func(token string) bool {
	return func(token string) bool {
		provider, err := oidc.NewProvider(context.Background(), p.Issuer)
		if err != nil {
			t.Error(err)
			return false
		}
		_, err = provider.Verifier(&oidc.Config{
			ClientID:             openidtest.ClientID,
			SupportedSigningAlgs: []string{"RS512"},
		}).
			Verify(context.Background(), token)
		*verified++
		return err == nil
	}
}

// TestCIS2_TokenExchange asks PDS for a person who signed in by browser: the platform verifies the person's ID token
// and exchanges it for the person's access token.
func TestCIS2_TokenExchange(t *testing.T) {
	p := openidtest.Start(t, providerUsers())
	var b *fixture
	platform := nationaltest.New(t, func() time.Time { return b.clock.Now() })
	verified := 0
	platform.IDToken = verifies(t, p, &verified)
	fillPDS(platform)

	b = newFixture(t, withProvider(p), func(f *fixture, c *hub.Config) {
		b = f
		client := pdsClient(t, platform, f.clock, func(config *national.TokensConfig) {
			config.IDToken = func(ctx context.Context, who national.Caller) (string,
				error,
			) {
				return f.hub.IDToken(ctx, who)
			}
		})
		records := pds.New(client, pds.NewLinks(c.Store, f.clock.Now))
		c.People, c.Records, c.Rows, c.Numbers = records, records, records, records
	})

	x, _ := b.byBrowser(oneRole)
	for range 2 {
		got := x.get("999000002222", patients+"/"+tess.Digits(), nil)
		if got.status != 200 || !strings.Contains(got.body, "Example-Pds") {
			t.Fatalf("got status %d, body %s; want 200 with the patient of PDS", got.status, got.body)
		}
	}
	asked := platform.Requests(nationaltest.Patient)
	if len(asked) != 2 || asked[0].Header.Get("NHSD-Session-URID") != "999000002222" || verified != 1 {
		t.Errorf("got %d requests, headers %v, %d exchanges; want 2 in the person's role and 1", len(asked),
			asked[0].Header,
			verified)
	}

	// A session that the card started has no ID token. That is a failure and not an answer about the patient.
	card := b.signIn()
	got := card.get(nurse, patients+"/"+tess.Digits(), nil)
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "pds-sign-in-needed") {
		t.Errorf("with a card: got status %d, body %s; want 503, pds-sign-in-needed", got.status, got.body)
	}

	// The platform refuses the ID token, with its documented error.
	platform.IDToken = func(string) bool { return false }
	other, _ := b.byBrowser(oneRole)
	got = other.get("999000002222", patients+"/"+tess.Digits(), nil)
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "pds-refused") {
		t.Errorf("with a refused ID token: got status %d, body %s; want 503, pds-refused", got.status, got.body)
	}

	for _, r := range platform.Requests(nationaltest.Token) {
		for _, secret := range []string{
			url.Values(r.Form).Get("subject_token"),
			url.Values(r.Form).Get("client_assertion"),
		} {
			if secret != "" && strings.Contains(b.log.String(), secret) {
				t.Error("the log contains an ID token or a client assertion")
			}
		}
	}
}

// TestCIS2_TokenExchangeForSummaries views a summary and sends its privacy alert for a person who signed in by browser.
// After the end of that sign-in an alert is given up, and stays in the privacy officer's list.
func TestCIS2_TokenExchangeForSummaries(t *testing.T) {
	const doctor = "999000002555"
	p := openidtest.Start(t, map[string]openidtest.User{
		oneRole: openidtest.Nurse("999000002111", doctor, "B0264", "B0370", "B0168"),
	})
	s, verified := &scrSource{}, 0
	s.fixture = newFixture(t, withProvider(p), func(b *fixture, c *hub.Config) {
		s.platform = nationaltest.New(t, b.clock.Now)
		s.platform.IDToken = verifies(t, p, &verified)
		s.SCR = s.platform.SCR()
		source := scrService(t, s.platform, s.SCR, b.clock.Now, func(ctx context.Context, who national.Caller) (string,
			error,
		) {
			return b.hub.IDToken(ctx, who)
		})
		c.Summaries, c.SendAlert = source, source.Send
	})
	d := summaryOf(tess, start)
	s.Put(tess.Digits(), d.ID, "Ask", string(d.Body))

	x, _ := s.byBrowser(oneRole)
	if r := x.get(doctor, scrBundle, viewOf(tess, d.ID), emergency); !strings.Contains(r.body, "penicillin") {
		t.Fatalf("view: got status %d, body %s; want the summary", r.status, r.body)
	}
	ok := s.sent(t, func(a summary.Sending) bool { return a.State() != summary.Waiting })
	asked := s.platform.Requests(nationaltest.Alert)
	if ok.State() != summary.Sent || len(s.Alerts()) != 1 || verified != 1 ||
		asked[0].Header.Get("NHSD-Session-URID") != doctor {
		t.Errorf("alert: got %+v, %d exchanges, requests %+v; want it sent in the person's role with one exchange", ok,
			verified, asked)
	}

	card := s.signIn()
	fillSummaries(t, s.store)
	r := card.get(emergencyMD, scrBundle, viewOf(tess, d.ID), emergency)
	if r.status != http.StatusServiceUnavailable || failureCode(t, r) != "scr-sign-in-needed" || len(s.alerts()) != 1 {
		t.Errorf("with a card: got status %d, body %s, %d alerts; want scr-sign-in-needed without an alert", r.status,
			r.body, len(s.alerts()))
	}

	x.get(doctor, scrBundle, viewOf(tess, d.ID), emergency)
	s.post("/oauth2/revoke", url.Values{"token": {x.token}}, x.proof("POST", "/oauth2/revoke"))
	s.clock.Add(time.Hour)
	s.runUntil(t, func() bool { return s.backlog(t).Waiting == 0 }, s.hub)
	if b := s.backlog(t); b.Buried != 1 || len(s.alerts()) != 2 || len(s.Alerts()) != 1 ||
		!strings.Contains(s.log.String(), "ALARM: a privacy alert was not sent") {
		t.Errorf("after the sign-out: got %+v, %d alerts, %d at the service; want one given up with an alarm", b,
			len(s.alerts()), len(s.Alerts()))
	}
}
