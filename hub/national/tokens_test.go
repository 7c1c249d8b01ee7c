package national_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wardlight/hub/national"
	"wardlight/internal/lab/nationaltest"
)

func TestTokens_OneForManyRequests(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		f.answered(t)
	}
	all := f.Requests(nationaltest.Token)
	if len(all) != 1 {
		t.Fatalf("requests for tokens: got %d, want 1", len(all))
	}
	if got := all[0].Form["grant_type"]; len(got) != 1 || got[0] != "client_credentials" {
		t.Errorf("grant_type: got %q, want client_credentials", got)
	}
}

func TestTokens_ReplacedBeforeTheEnd(t *testing.T) {
	f := newFixture(t)
	f.answered(t)
	f.clock.Add(nationaltest.TokenTime - 31*time.Second)
	f.answered(t)
	if n := len(f.Requests(nationaltest.Token)); n != 1 {
		t.Errorf("requests for tokens 31 s before the end: got %d, want 1", n)
	}
	f.clock.Add(2 * time.Second)
	f.answered(t)
	if n := len(f.Requests(nationaltest.Token)); n != 2 {
		t.Errorf("requests for tokens 29 s before the end: got %d, want 2", n)
	}
}

func TestTokens_RefusedAfterAnHour(t *testing.T) {
	f := newFixture(t)
	f.answered(t)
	f.EndTokens()
	f.answered(t)
	if n := len(f.Requests(nationaltest.Token)); n != 2 {
		t.Errorf("requests for tokens: got %d, want 2", n)
	}

	f.Replace(nationaltest.Patient, nationaltest.Outcome(http.StatusUnauthorized, "forbidden", "ACCESS_DENIED"))
	if got := f.failure(t); got.Kind != national.Refused || got.Status != http.StatusUnauthorized {
		t.Errorf("failure: got %v, want %v with status 401", got, national.Refused)
	}
	if n := len(f.Requests(nationaltest.Token)); n != 3 {
		t.Errorf("requests for tokens: got %d, want 3: one repetition", n)
	}
}

func TestTokens_ExpiresInAsString(t *testing.T) {
	for given, want := range map[string]bool{
		`"599"`: true, `599`: true, `"0"`: false, `-1`: false, `"soon"`: false, `null`: false, `{}`: false,
		`99999999999999999999`: false, `"99999999"`: true,
	} {
		f := newFixture(t)
		f.Replace(nationaltest.Token, nationaltest.Body("application/json",
			`{"access_token":"abc","token_type":"Bearer","expires_in":`+given+`}`))
		_, err := f.tokens.Token(t.Context())
		var failed *national.Failure
		if (err == nil) != want || !want && (!errors.As(err, &failed) || failed.Kind != national.Malformed) {
			t.Errorf("expires_in %s: got error %v, want accepted %t", given, err, want)
		}
	}
}

func TestTokens_Malformed(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON":            "<html>",
		"no token":           `{"token_type":"Bearer","expires_in":"599"}`,
		"another type":       `{"access_token":"abc","token_type":"mac","expires_in":"599"}`,
		"a line break in it": `{"access_token":"a\r\nX: b","token_type":"Bearer","expires_in":"599"}`,
		"too long": `{"access_token":"` + strings.Repeat("a", 17<<10) +
			`","token_type":"Bearer","expires_in":"599"}`,
		"an endless body": strings.Repeat(" ", 65<<10),
	} {
		f := newFixture(t)
		f.Replace(nationaltest.Token, nationaltest.Body("application/json", body))
		if got := f.failure(t); got.Kind != national.Malformed || got.Service != national.PDS {
			t.Errorf("%s: got %v, want %v of PDS", name, got, national.Malformed)
		}
	}
}

func TestTokens_RefusedRegistration(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*national.TokensConfig, *national.Config){
		"another key":     func(c *national.TokensConfig, _ *national.Config) { c.Key = other },
		"another kid":     func(c *national.TokensConfig, _ *national.Config) { c.KeyID = "hub-2" },
		"another API key": func(c *national.TokensConfig, _ *national.Config) { c.APIKey = "other" },
		"a used jti": func(c *national.TokensConfig, _ *national.Config) {
			c.NewID = func() string { return "1" }
		},
		"a clock too slow": clockBy(-10 * time.Minute),
		"a clock too fast": clockBy(10 * time.Minute),
	} {
		f := newFixture(t, change)
		if name == "a used jti" {
			f.answered(t)
			f.EndTokens()
		}
		got := f.failure(t)
		if got.Kind != national.Refused || !strings.HasPrefix(got.Detail, "no token: invalid_request") {
			t.Errorf("%s: got %v, want %v", name, got, national.Refused)
		}
		if strings.Contains(name, "clock") != strings.Contains(got.Detail, "clock") {
			t.Errorf("%s: got detail %q, want the clock in it only if it is wrong", name, got.Detail)
		}
		if n := len(f.Requests(nationaltest.Patient)); n > 2 {
			t.Errorf("%s: got %d requests to PDS, want none without a token", name, n)
		}
	}
}

// clockBy returns a change that makes the hub's clock differ from the platform's.
func clockBy(d time.Duration) func(*national.TokensConfig, *national.Config) {
	return func(c *national.TokensConfig, _ *national.Config) {
		right := c.Clock
		c.Clock = func() time.Time { return right().Add(d) }
	}
}

func TestTokens_Exchange(t *testing.T) {
	held := map[string]string{"1": "id-token-1", "2": "id-token-2"}
	f := newFixture(t, func(c *national.TokensConfig, _ *national.Config) {
		c.IDToken = func(_ context.Context, who national.Caller) (string, error) {
			if held[who.Session] == "" {
				return "", errors.New("none")
			}
			return held[who.Session], nil
		}
	})
	f.IDToken = func(token string) bool { return strings.HasPrefix(token, "id-token-") }
	as := func(session string) error {
		who := caller
		who.Session = session
		_, err := f.client.Do(national.WithCaller(t.Context(), who), national.Request{Path: "/Patient/9990000018"})
		return err
	}

	for _, session := range []string{"1", "2", "1"} {
		if err := as(session); err != nil {
			t.Fatal(err)
		}
	}

	all := f.Requests(nationaltest.Token)
	if len(all) != 2 {
		t.Fatalf("requests for tokens: got %d, want one for each person", len(all))
	}
	for i, r := range all {
		if got := r.Form["subject_token"]; len(got) != 1 || got[0] != fmt.Sprintf("id-token-%d", i+1) {
			t.Errorf("subject_token: got %q, want that of the person", got)
		}
	}

	if got := f.Requests(nationaltest.Patient)[0].Header.Get("NHSD-Session-URID"); got != caller.URID {
		t.Errorf("NHSD-Session-URID: got %q, want %q", got, caller.URID)
	}

	var failed *national.Failure
	if err := as("3"); !errors.As(err, &failed) || failed.Kind != national.SignInNeeded {
		t.Errorf("a session without an ID token: got %v, want %v", err, national.SignInNeeded)
	}

	held["1"] = "other"
	if err := as("1"); !errors.As(err, &failed) || failed.Kind != national.Refused {
		t.Errorf("a refused ID token: got %v, want %v", err, national.Refused)
	}

	if _, err := f.client.Do(t.Context(), national.Request{Path: "/Patient/9990000018"}); err != nil {
		t.Errorf("the hub itself: got %v, want an answer with its own token", err)
	}
}

func TestReadKey(t *testing.T) {
	f := newFixture(t)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(f.Key())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{f.KeyPEM(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})} {
		if got, err := national.ReadKey(text); err != nil || !got.Equal(f.Key()) {
			t.Errorf("ReadKey: got error %v, want the key", err)
		}
	}
	for _, text := range []string{"", "secret", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"} {
		if _, err := national.ReadKey([]byte(text)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("ReadKey(%q): got error %v, want one that does not quote it", text, err)
		}
	}
}
