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
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/lab/openidtest"
)

// TestCIS2_TokenExchange asks PDS for a person who signed in by browser: the platform verifies the person's ID token
// and exchanges it for the person's access token.
func TestCIS2_TokenExchange(t *testing.T) {
	p := openidtest.Start(t, providerUsers())
	var b *fixture
	platform := nationaltest.New(t, func() time.Time { return b.clock.Now() })
	verified := 0
	platform.IDToken = func(token string) bool { // by the platform's own rules
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
		verified++
		return err == nil
	}
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
