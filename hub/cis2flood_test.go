package hub_test

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"wardlight/hub"
	"wardlight/hub/cis2"
	"wardlight/hub/identity"
	"wardlight/hub/limit"
)

// providerStub is a provider that refuses every code and every logout token, and counts them.
type providerStub struct{ asked atomic.Int64 }

func (p *providerStub) AuthURL(_ context.Context, state string, _ cis2.Request) (string, error) {
	return "https://cis2.example/authorize?state=" + state, nil
}

func (p *providerStub) Exchange(context.Context, string, cis2.Request) (cis2.Identity, error) {
	p.asked.Add(1)
	return cis2.Identity{}, &cis2.Error{Reason: cis2.Refused, What: "refused"}
}

func (p *providerStub) Logout(context.Context, string) (cis2.Logout, error) {
	p.asked.Add(1)
	return cis2.Logout{}, &cis2.Error{Reason: cis2.Invalid, What: "invalid"}
}

// TestCIS2_FloodOfCodes sends invalid codes and logout tokens. The provider must not get more of them than the source's
// limit, nothing may be written, and a card at the same source can still sign in.
func TestCIS2_FloodOfCodes(t *testing.T) {
	for name, path := range map[string]string{"codes": identity.TokenPath, "logout tokens": identity.LogoutPath} {
		t.Run(name, func(t *testing.T) {
			p := &providerStub{}
			b := newFixture(t, func(_ *fixture, c *hub.Config) {
				c.CIS2 = p
				c.Limits.TokenSource = limit.Rate{PerSecond: 1, Burst: 3}
			})
			x := b.terminal()
			before := len(b.trail())
			form := url.Values{
				"grant_type": {"authorization_code"}, "code": {"x"}, "state": {x.beginBrowser().State},
				"logout_token": {"x"},
			}
			var reasons []string
			for range 5 {
				_, _, why := reason(t, b.post(path, form, x.proof("POST", path)))
				reasons = append(reasons, why)
			}
			if got := p.asked.Load(); got != 3 {
				t.Errorf("the provider was asked %d times, want 3; reasons %v", got, reasons)
			}
			if last := reasons[len(reasons)-1]; last != "rate_limited" {
				t.Errorf("the last reason is %q, want rate_limited", last)
			}
			if after := len(b.trail()); after != before {
				t.Errorf("the audit has %d new records, want none", after-before)
			}
			b.signIn()
		})
	}
}

// TestCIS2_FloodOfBeginnings begins sign-ins. Nothing is written, and nobody is refused.
func TestCIS2_FloodOfBeginnings(t *testing.T) {
	b := newFixture(t, func(_ *fixture, c *hub.Config) {
		c.CIS2 = &providerStub{}
		c.Limits.TokenSource = limit.Rate{PerSecond: 1, Burst: 3}
	})
	before := len(b.trail())
	x := b.terminal()
	states := make(map[string]bool)
	for range 10 {
		begun := x.beginBrowser()
		states[begun.State] = true
		if strings.Contains(begun.State, x.thumb()) {
			t.Error("the state contains the key's thumbprint in clear")
		}
	}
	if len(states) != 10 {
		t.Errorf("got %d different states, want 10", len(states))
	}
	if after := len(b.trail()); after != before {
		t.Errorf("the audit has %d new records, want none", after-before)
	}
}
