package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/browser"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

// withBrowser returns a fixture whose manager has a browser that trusts the hub.
func withBrowser(t *testing.T) (*fixture, *hubtest.Browser) {
	t.Helper()
	b := setUp(t, -1, 365)
	opens := b.hub.Browser()
	b.config.Browser = opens
	b.Manager = session.New(b.config)
	return b, opens
}

func TestSignInByBrowser(t *testing.T) {
	b, _ := withBrowser(t)
	in, err := b.SignInByBrowser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !in.ByBrowser || in.Person.UUID != hubtest.BrowserPerson || len(in.Usable) != 1 {
		t.Errorf("got %+v, want the person of the browser with one role", in)
	}
	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}
	if lamp := b.Lamp(t.Context(), nhs.Number("9990000018")); !lamp.Answered() {
		t.Errorf("got lamp %+v, want an answer", lamp)
	}

	b.End(t.Context(), session.Locked)
	b.settle(t)
	if n := b.hub.LiveSessions(); n != 0 {
		t.Errorf("after the end: %d sessions at the hub, want 0", n)
	}
	if lamp := b.Lamp(t.Context(), nhs.Number("9990000018")); lamp.State != client.CouldNotCheck {
		t.Errorf("after the end: got lamp %+v, want could not check", lamp)
	}
}

// TestSignInByBrowser_AfterACard ends the session of the card.
func TestSignInByBrowser_AfterACard(t *testing.T) {
	b, _ := withBrowser(t)
	b.signIn(t)
	if _, err := b.SignInByBrowser(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.settle(t)
	if n := b.hub.LiveSessions(); n != 1 {
		t.Errorf("%d sessions at the hub, want only the browser's", n)
	}
}

func TestSignInByBrowser_Failures(t *testing.T) {
	browserKind := func(err error) string {
		var e *browser.Error
		if errors.As(err, &e) {
			return e.Code()
		}
		var hub *client.Error
		if errors.As(err, &hub) {
			return hub.Code()
		}
		return err.Error()
	}
	refuse := func(status int, code, reason string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { hubtest.RefuseSignIn(w, r, status, code, reason) }
	}

	for name, c := range map[string]struct {
		change func(*fixture, *hubtest.Browser)
		want   string
	}{
		"no browser": {
			func(_ *fixture, o *hubtest.Browser) { o.Missing = &browser.Error{Kind: browser.NoBrowser} },
			"T10",
		},
		"a browser that does not start": {func(_ *fixture, o *hubtest.Browser) {
			o.OnOpen = func(context.Context, string) error { return &browser.Error{Kind: browser.NotStarted} }
		}, "T11"},
		"a user who ends it": {func(b *fixture, o *hubtest.Browser) {
			o.OnOpen = returnWith(b, "error",
				"access_denied")
		}, "T14"},
		"another code": {
			func(b *fixture, o *hubtest.Browser) { o.OnOpen = returnWith(b, "code", "evil") },
			"H47-400-provider_refused",
		},
		"a hub without it": {func(b *fixture, _ *hubtest.Browser) {
			b.hub.Answer(hubtest.Begin, refuse(400, "unsupported_grant_type", "browser_not_offered"))
		}, "H44-400-browser_not_offered"},
		"a hub of an earlier version": {func(b *fixture, _ *hubtest.Browser) {
			b.hub.Answer(hubtest.Begin, http.NotFound)
		}, "H44-404"},
		"a hub that cannot reach CIS2": {func(b *fixture, _ *hubtest.Browser) {
			b.hub.Answer(hubtest.Begin, refuse(503, "temporarily_unavailable", "provider_unavailable"))
		}, "H45-503-provider_unavailable"},
		"a state that was used": {func(b *fixture, _ *hubtest.Browser) {
			b.hub.Answer(hubtest.Token, refuse(400, "invalid_grant", "state_unknown"))
		}, "H46-400-state_unknown"},
		"a weak sign-in": {func(b *fixture, _ *hubtest.Browser) {
			b.hub.Answer(hubtest.Token, refuse(400, "invalid_grant", "provider_level_low"))
		}, "H48-400-provider_level_low"},
		"a malformed ID token": {func(b *fixture, _ *hubtest.Browser) {
			b.hub.Answer(hubtest.Token, refuse(400, "invalid_grant", "provider_answer_invalid"))
		}, "H49-400-provider_answer_invalid"},
		"an address that is none": {func(b *fixture, _ *hubtest.Browser) {
			b.hub.Answer(hubtest.Begin, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"authorization_url":"file:///etc/passwd","state":"s","expires_in":300}`))
			})
		}, "H14-200"},
	} {
		t.Run(name, func(t *testing.T) {
			b, opens := withBrowser(t)
			c.change(b, opens)
			_, err := b.SignInByBrowser(t.Context())
			if err == nil || browserKind(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if n := b.hub.LiveSessions(); n != 0 {
				t.Errorf("%d sessions at the hub, want 0", n)
			}
		})
	}
}

// returnWith returns a function that returns to the terminal with the right state and another parameter.
func returnWith(b *fixture, name, value string) func(context.Context, string) error {
	return func(ctx context.Context, address string) error {
		return b.hub.Return(ctx, address, url.Values{name: {value}})
	}
}

// TestSignInByBrowser_Cancelled ends the wait for the browser.
func TestSignInByBrowser_Cancelled(t *testing.T) {
	for name, stop := range map[string]func(*fixture, context.CancelFunc){
		"by its context": func(_ *fixture, cancel context.CancelFunc) { cancel() },
		"by the end":     func(b *fixture, _ context.CancelFunc) { b.End(context.Background(), session.Locked) },
	} {
		t.Run(name, func(t *testing.T) {
			b, opens := withBrowser(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			opens.OnOpen = func(context.Context, string) error { stop(b, cancel); return nil }
			if _, err := b.SignInByBrowser(ctx); client.KindOf(err) != client.Cancelled &&
				!errors.Is(err, session.ErrNoSession) {
				t.Errorf("got %v, want Cancelled or ErrNoSession", err)
			}
		})
	}
}
