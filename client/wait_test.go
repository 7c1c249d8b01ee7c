package client

import (
	"encoding/base64"
	"net/http"
	"testing"
	"time"
)

func TestABusyHubSaysHowLongToWait(t *testing.T) {
	now := time.Date(2026, 7, 15, 12, 59, 0, 0, time.UTC)
	const date = "Wed, 15 Jul 2026 13:00:00 GMT"
	for header, want := range map[string]string{
		"1":                             "Wait 1 second and try again.",
		"20":                            "Wait 20 seconds and try again.",
		"120":                           "Wait 2 minutes and try again.",
		"999999999999":                  "Wait 60 minutes and try again.",
		"99999999999999999999999":       "Wait a moment and try again.",
		"0":                             "Wait a moment and try again.",
		"-3":                            "Wait a moment and try again.",
		"":                              "Wait a moment and try again.",
		date:                            "Wait 60 seconds and try again.",
		"Wed, 15 Jul 2026 12:59:00 GMT": "Wait a moment and try again.",
		"Wed, 15 Jul 2020 13:00:00 GMT": "Wait a moment and try again.",
		"Sat, 15 Jul 2096 13:00:00 GMT": "Wait 60 minutes and try again.",
		"Wednesday":                     "Wait a moment and try again.",
	} {
		a := answer{status: http.StatusTooManyRequests, header: http.Header{"Retry-After": {header}}}
		for _, e := range []*Error{refusal(call{}, a, now), refusedSignIn(call{}, a, now)} {
			if e.Kind != Busy || e.Advice() != want {
				t.Errorf("Retry-After %q: got kind %v and advice %q, want Busy and %q",
					header, e.Kind, e.Advice(), want)
			}
		}
	}

	// A date is compared with the Date header of the same answer, if there is one.
	a := answer{status: http.StatusTooManyRequests, header: http.Header{
		"Retry-After": {date},
		"Date":        {"Wed, 15 Jul 2026 12:59:40 GMT"},
	}}

	if e := refusal(call{}, a, now); e.Wait != 20*time.Second {
		t.Errorf("Retry-After with a Date header: got %s, want 20s", e.Wait)
	}

	// A hub, or the proxy in front of it, that is down temporarily.
	a.status = http.StatusServiceUnavailable
	for _, e := range []*Error{refusal(call{}, a, now), refusedSignIn(call{}, a, now)} {
		if e.Kind != Failing || e.Wait != 20*time.Second || e.Advice() != "Wait 20 seconds and try again." {
			t.Errorf("Retry-After with status 503: got kind %v, %s, %q, want Failing, 20s", e.Kind, e.Wait, e.Advice())
		}
	}

	for status, want := range map[int]time.Duration{
		http.StatusServiceUnavailable:  5 * time.Second,
		http.StatusInternalServerError: 0, http.StatusBadRequest: 0,
	} {
		other := answer{
			status: status, header: http.Header{"Retry-After": {"5"}},
			body: []byte(`{"resourceType":"OperationOutcome"}`),
		}
		if e := refusal(call{}, other, now); e.Wait != want {
			t.Errorf("Retry-After with status %d: got %s, want %s", status, e.Wait, want)
		}
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
			claims := `{"iss":"https://hub.example","aud":"wardlight","sub":"` + c.token + `","nhsid_useruid":"` +
				c.token + `","exp":4000000000}`
			token := b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(claims)) + "." + b64(make([]byte, 64))
			who, _, err := readIDToken(token, expected{
				subject: c.card, origins: []string{"https://hub.example"},
				now: time.Unix(1, 0),
			})
			if (err == nil) != c.good || err == nil && who.UUID != c.token {
				t.Errorf("readIDToken = %+v, %v, want it accepted: %v", who, err, c.good)
			}
		})
	}
}
