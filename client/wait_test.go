package client

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"
)

func TestABusyHubSaysHowLongToWait(t *testing.T) {
	for header, want := range map[string]string{
		"1":                             "Wait 1 second and try again.",
		"20":                            "Wait 20 seconds and try again.",
		"120":                           "Wait 2 minutes and try again.",
		"999999999999":                  "Wait 60 minutes and try again.",
		"99999999999999999999999":       "Wait a moment and try again.",
		"0":                             "Wait a moment and try again.",
		"-3":                            "Wait a moment and try again.",
		"":                              "Wait a moment and try again.",
		"Wed, 15 Jul 2026 13:00:00 GMT": "Wait a moment and try again.",
	} {
		a := answer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {header}}}
		for _, e := range []*Error{refusal(call{}, a, time.Time{}), refusedSignIn(call{}, a, time.Time{})} {
			if e.Kind != Busy || e.Advice() != want {
				t.Errorf("%q: %v, %q", header, e.Kind, e.Advice())
			}
		}
	}
	other := answer{status: http.StatusServiceUnavailable, header: http.Header{"Retry-After": {"5"}}}
	if e := refusal(call{}, other, time.Time{}); e.Wait != 0 {
		t.Errorf("a hub that fails asks to wait %s", e.Wait)
	}
}

func TestTheHubSaysWhoseACardIsOnlyWhereTheCardDoesNot(t *testing.T) {
	b64 := base64.RawURLEncoding.EncodeToString
	for name, c := range map[string]struct {
		card, token string
		good        bool
	}{
		"the card's own":          {"999000000111", "999000000111", true},
		"another than the card's": {"999000000111", "999000000112", false},
		"of a card without one":   {"Ada Sample", "999000000111", true},
		"no UUID":                 {"Ada Sample", "Eve", false},
		"the card's own words":    {"1", "1", true},
	} {
		t.Run(name, func(t *testing.T) {
			claims := `{"iss":"https://hub.example","aud":"wardlight","sub":"` + c.token + `","nhsid_useruid":"` + c.token + `","exp":4000000000}`
			token := b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(claims)) + "." + b64(make([]byte, 64))
			who, _, err := readIDToken(token, expected{subject: c.card, origins: []string{"https://hub.example"}, now: time.Unix(1, 0)})
			if (err == nil) != c.good || err == nil && who.UUID != c.token {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}
