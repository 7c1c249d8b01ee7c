package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/client/hubtest"
)

// meanings are all that a caller tells apart.
var meanings = []error{
	client.ErrNoAnswer, client.ErrSessionEnded, client.ErrNotPermitted, client.ErrSignInRefused,
	client.ErrUnknownPatient, client.ErrRestricted, client.ErrBadRequest,
}

func TestErrorIs_EveryKindHasOneMeaning(t *testing.T) {
	used := make(map[error]bool)
	for _, k := range client.Kinds() {
		n := 0
		for _, m := range meanings {
			if errors.Is(&client.Error{Kind: k}, m) {
				used[m] = true
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: got %d meanings, want 1", k, n)
		}
	}
	if len(used) != len(meanings) {
		t.Errorf("got %d meanings in use, want %d", len(used), len(meanings))
	}
}

// What a caller tells apart, of answers that a hub really gave.
func TestErrorIs_OfALamp(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"the hub hangs up":       {hangUp, client.ErrNoAnswer},
		"the hub fails":          {refuse(503, "UNABLE_TO_CALL_SERVICE", ""), client.ErrNoAnswer},
		"the hub is busy":        {refuse(429, "TOO_MANY_REQUESTS", ""), client.ErrNoAnswer},
		"a page of a proxy":      {raw(403, "text/html", "<h1>No</h1>"), client.ErrNoAnswer},
		"not what was asked for": {raw(200, "application/fhir+json", "{}"), client.ErrNoAnswer},
		"the session has ended":  {refuse(401, "ACCESS_DENIED", ""), client.ErrSessionEnded},
		"another role is needed": {refuse(403, "ACCESS_DENIED", "B0107"), client.ErrNotPermitted},
		"nobody has the number":  {refuse(404, "RESOURCE_NOT_FOUND", ""), client.ErrUnknownPatient},
		"a record that is no more": {
			refuse(404, "INVALIDATED_RESOURCE", ""), client.ErrUnknownPatient,
		},
		"malformed": {refuse(400, "INVALID_VALUE", ""), client.ErrBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			hub := hubtest.New(t, at(noon))
			hub.Answer(hubtest.Flag, c.answer)
			lamp := nurse(t, hub).Lamp(t.Context(), hubtest.WithAlert)
			for _, m := range meanings {
				if got, want := errors.Is(lamp.Err, m), m.Error() == c.want.Error(); got != want {
					t.Errorf("errors.Is(%v, %v): got %v, want %v", lamp.Err, m, got, want)
				}
			}
			if lamp.State != client.CouldNotCheck {
				t.Errorf("got state %v, want %v", lamp.State, client.CouldNotCheck)
			}
		})
	}
}

func TestErrorIs_OfAContext(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	role := nurse(t, hub)
	hub.Answer(hubtest.Record, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := role.Retrieve(ended, hubtest.WithAlert)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, client.ErrNoAnswer) {
		t.Errorf("got %v, want one that is %v", err, context.Canceled)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	_, err = role.Retrieve(late, hubtest.WithAlert)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, client.ErrNoAnswer) {
		t.Errorf("got %v, want one that is %v", err, context.DeadlineExceeded)
	}
}

func TestErrorIs_OfASignIn(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		want   client.Kind
	}{
		"the card has ended":          {"certificate_ended", client.CertificateExpired},
		"the card was revoked":        {"certificate_revoked", client.CertificateRevoked},
		"nobody knows the holder":     {"person_unknown", client.UnknownPerson},
		"the nonce is too old":        {"nonce_unknown", client.NonceExpired},
		"the clock is wrong":          {"clock_skew", client.ClockWrong},
		"for a reason of its own hub": {"weather", client.SignInRefused},
	} {
		hub := hubtest.New(t, at(noon))
		hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
			hubtest.RefuseSignIn(w, r, http.StatusBadRequest, "invalid_grant", c.reason)
		})
		_, err := tryToSignIn(t, dial(t, hub), card(t))
		if !errors.Is(err, client.ErrSignInRefused) || client.KindOf(err) != c.want {
			t.Errorf("%s: got %v, want kind %v of %v", name, err, c.want, client.ErrSignInRefused)
		}
	}
}

func TestErrorIs_OfASavedSession(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	s := signIn(t, dial(t, hub))
	saved := storeAndLoad(t, s)
	_, err := dial(t, hub, func(c *client.Config) { c.Clock = at(s.Ends()) }).Resume(saved)
	if !errors.Is(err, client.ErrSessionEnded) {
		t.Errorf("got %v, want %v", err, client.ErrSessionEnded)
	}
	if _, err := s.As("999"); !errors.Is(err, client.ErrNotPermitted) {
		t.Errorf("got %v, want %v", err, client.ErrNotPermitted)
	}
}
