package hub_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/cis2"
	"wardlight/hub/identity"
	"wardlight/hub/national"
	"wardlight/internal/lab/openidtest"
)

// Logins of the provider in these tests.
const (
	oneRole   = "one-role"
	twoRoles  = "two-roles"
	selected  = "selected"
	elsewhere = "elsewhere"
	weak      = "weak"
	nameless  = "nameless"
)

// providerUsers returns the persons of the provider. None of them is in the hub's store.
func providerUsers() map[string]openidtest.User {
	codes := []string{"B0264", "B0107"}
	users := map[string]openidtest.User{
		oneRole: openidtest.Nurse("999000002111", "999000002222", codes...),
	}
	for login, change := range map[string]func(u openidtest.User){
		twoRoles: func(u openidtest.User) {
			u.UserInfo["nhsid_nrbac_roles"] = []map[string]any{
				openidtest.Role("999000002333", "RX1", codes...), openidtest.Role("999000002444", "RX2", "B0264"),
			}
		},
		selected: func(u openidtest.User) {
			u.UserInfo["nhsid_nrbac_roles"] = []map[string]any{
				openidtest.Role("999000002333", "RX1", codes...), openidtest.Role("999000002444", "RX2", codes...),
			}
			u.UserInfo["selected_roleid"] = "999000002444"
		},
		elsewhere: func(u openidtest.User) { u.UserInfo["selected_roleid"] = "999000009999" },
		weak:      func(u openidtest.User) { u.Token["authentication_assurance_level"] = "2" },
		nameless: func(u openidtest.User) {
			for _, name := range []string{"name", "given_name", "family_name"} {
				delete(u.UserInfo, name)
			}
		},
	} {
		u := openidtest.Nurse("999000002111", "999000002222", codes...)
		change(u)
		users[login] = u
	}
	return users
}

// withProvider returns an option for a hub whose people sign in at the provider, with the time of day: the provider's
// clock can't be set.
func withProvider(p *openidtest.Provider, change ...func(*cis2.Config)) option {
	return func(b *fixture, c *hub.Config) {
		b.t.Helper()
		b.clock.now = time.Now().Truncate(time.Second)
		config := cis2.Config{
			Issuer: p.Issuer, ClientID: openidtest.ClientID, ClientSecret: openidtest.ClientSecret, Clock: b.clock.Now,
		}
		for _, f := range change {
			f(&config)
		}
		provider, err := cis2.New(config)
		must(b.t, err)
		c.CIS2 = provider
	}
}

// visit signs in at the address and returns the parameters of the redirect to the terminal.
func (b *fixture) visit(login, address string) url.Values {
	b.t.Helper()
	back, err := openidtest.Browser{Login: login}.Visit(b.t.Context(), address, true)
	must(b.t, err)
	u, err := url.Parse(back)
	must(b.t, err)
	if !strings.HasPrefix(back, browserURI+"?") {
		b.t.Fatalf("the provider redirects to %s, want %s", back, browserURI)
	}
	return u.Query()
}

// redeem exchanges a code.
func (x *terminal) redeem(code, state string) response {
	x.b.t.Helper()
	return x.b.post(identity.TokenPath, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "state": {state},
	}, x.proof(http.MethodPost, identity.TokenPath))
}

// byBrowser returns a terminal with the session of a sign-in by browser, and the claims of the hub's id_token.
func (b *fixture) byBrowser(login string) (*terminal, map[string]any) {
	b.t.Helper()
	x := b.terminal()
	q := b.visit(login, x.beginBrowser().URL)
	r := x.redeem(q.Get("code"), q.Get("state"))
	var g struct {
		AccessToken string `json:"access_token"`
		IDToken     string `json:"id_token"`
	}
	r.into(b.t, &g)
	if r.status != 200 {
		b.t.Fatalf("sign-in of %s: got status %d, body %s; want 200", login, r.status, r.body)
	}
	x.token = g.AccessToken
	return x, claimsOf(b.t, g.IDToken)
}

// claimsOf returns the claims of a JWT without verifying it.
func claimsOf(t testing.TB, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	must(t, err)
	var claims map[string]any
	must(t, json.Unmarshal(payload, &claims))
	return claims
}

// rolesIn returns the URIDs in the claims of the hub's id_token.
func rolesIn(claims map[string]any) string {
	var all []string
	roles, _ := claims["nhsid_nrbac_roles"].([]any)
	for _, r := range roles {
		all = append(all, r.(map[string]any)["person_roleid"].(string)) //nolint:forcetypeassert // the test fails
	}
	return strings.Join(all, " ")
}

// TestCIS2 signs in at a real OpenID provider. One provider serves all subtests.
func TestCIS2(t *testing.T) {
	p := openidtest.Start(t, providerUsers())
	b := newFixture(t, withProvider(p))

	t.Run("a person who is not enrolled opens an alert", func(t *testing.T) {
		x, claims := b.byBrowser(oneRole)
		if claims["sub"] != "999000002111" || claims["family_name"] != "SAMPLE" ||
			rolesIn(claims) != "999000002222" {
			t.Errorf("got claims %v, want those of the provider", claims)
		}
		if r := x.get("999000002222", flag, about(tess)); r.status != 200 {
			t.Errorf("lamp: got status %d, body %s; want 200", r.status, r.body)
		}
		if r := x.get("999000002222", careTeam, about(tess)); r.status != 200 {
			t.Errorf("opening: got status %d, body %s; want 200", r.status, r.body)
		}
		accesses, _ := b.left(tess)
		if len(accesses) != 1 || accesses[0].Who.Name != "Ms Ada Sample" || accesses[0].Who.OrgODS != "RX1" ||
			accesses[0].Who.JobName != "Nurse Access Role" || accesses[0].Who.OrgName != "EXAMPLE GENERAL HOSPITAL" {
			t.Errorf("got accesses %+v, want one with the provider's name, role and organisation", accesses)
		}
		if r := x.get(nurse, flag, about(tess)); r.status != 400 {
			t.Errorf("lamp in a role of somebody else: got status %d, want 400", r.status)
		}
	})

	t.Run("the selected role binds", func(t *testing.T) {
		if _, claims := b.byBrowser(twoRoles); rolesIn(claims) != "999000002333 999000002444" {
			t.Errorf("without a selected role: got %q, want both", rolesIn(claims))
		}
		x, claims := b.byBrowser(selected)
		if rolesIn(claims) != "999000002444" {
			t.Errorf("with a selected role: got %q, want that one", rolesIn(claims))
		}
		if r := x.get("999000002333", flag, about(tess)); r.status != 400 {
			t.Errorf("lamp in the other role: got status %d, want 400", r.status)
		}
	})

	t.Run("refusals", func(t *testing.T) { refusalsByBrowser(t, b) })
	t.Run("logout", func(t *testing.T) { logoutByProvider(t, b, p) })

	t.Run("the ID token of the session is available for token exchange", func(t *testing.T) {
		x, _ := b.byBrowser(oneRole)
		session, err := b.store.SessionByToken(t.Context(), hashOf(x.token))
		must(t, err)
		token, err := b.hub.IDToken(t.Context(), national.Caller{Session: session.ID})
		must(t, err)
		if claims := claimsOf(t, token); claims["iss"] != p.Issuer || claims["aud"] != openidtest.ClientID {
			t.Errorf("got a token with claims %v, want the provider's ID token", claims)
		}
		b.post("/oauth2/revoke", url.Values{"token": {x.token}}, x.proof("POST", "/oauth2/revoke"))
		if token, err := b.hub.IDToken(t.Context(), national.Caller{Session: session.ID}); err == nil {
			t.Errorf("after the end of the session: got a token of %d bytes, want an error", len(token))
		}
	})

	t.Run("secrets are not logged", func(t *testing.T) {
		x := b.terminal()
		q := b.visit(oneRole, x.beginBrowser().URL)
		x.redeem(q.Get("code")+"x", q.Get("state"))
		x.redeem(q.Get("code"), q.Get("state"))
		for name, secret := range map[string]string{
			"code": q.Get("code"), "state": q.Get("state"), "client secret": openidtest.ClientSecret,
		} {
			if strings.Contains(b.log.String(), secret) {
				t.Errorf("the log contains the %s", name)
			}
		}
	})
}

// refusalsByBrowser attacks the two requests of a sign-in by browser.
func refusalsByBrowser(t *testing.T, b *fixture) {
	mine, theirs := b.terminal(), b.terminal()
	fresh := func(x *terminal) url.Values { return b.visit(oneRole, x.beginBrowser().URL) }
	for name, c := range map[string]struct {
		post func() response
		want string
	}{
		"another state": {func() response {
			return mine.redeem(fresh(mine).Get("code"), strings.Repeat("A", 200))
		}, "invalid_grant state_unknown"},
		"the state of another sign-in": {func() response {
			return mine.redeem(fresh(mine).Get("code"), mine.beginBrowser().State)
		}, "invalid_grant provider_refused"}, // the PKCE verifier is another one
		"the key of another terminal": {func() response {
			q := fresh(mine)
			return theirs.redeem(q.Get("code"), q.Get("state"))
		}, "invalid_dpop_proof proof_invalid"},
		"the code of another terminal": {func() response {
			return mine.redeem(fresh(theirs).Get("code"), fresh(mine).Get("state"))
		}, "invalid_grant provider_refused"},
		"a code that was used": {func() response {
			q := fresh(mine)
			if r := mine.redeem(q.Get("code"), q.Get("state")); r.status != 200 {
				t.Errorf("the first use: got status %d, body %s; want 200", r.status, r.body)
			}
			return mine.redeem(q.Get("code"), q.Get("state"))
		}, "invalid_grant provider_refused"},
		"a state that has expired": {func() response {
			q := fresh(mine)
			b.clock.Add(5*time.Minute + time.Second)
			defer b.clock.Add(-5*time.Minute - time.Second)
			return mine.redeem(q.Get("code"), q.Get("state"))
		}, "invalid_grant state_unknown"},
		"no proof": {func() response {
			q := fresh(mine)
			return b.post(identity.TokenPath, url.Values{
				"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "state": {q.Get("state")},
			}, "")
		}, "invalid_dpop_proof proof_invalid"},
		"no code": {
			func() response { return mine.redeem("", mine.beginBrowser().State) },
			"invalid_request request_malformed",
		},
		"begun without a proof": {func() response {
			return b.post(identity.BrowserPath, url.Values{"redirect_uri": {browserURI}}, "")
		}, "invalid_dpop_proof proof_invalid"},
		"a redirect to another computer": {func() response {
			return b.post(identity.BrowserPath, url.Values{"redirect_uri": {"http://192.0.2.1:49152/callback"}},
				mine.proof("POST", identity.BrowserPath))
		}, "invalid_request request_malformed"},
		"a redirect to another path": {func() response {
			return b.post(identity.BrowserPath, url.Values{"redirect_uri": {browserURI + "/../x"}},
				mine.proof("POST", identity.BrowserPath))
		}, "invalid_request request_malformed"},
		"an assurance level that is too low": {func() response {
			q := b.visit(weak, mine.beginBrowser().URL)
			return mine.redeem(q.Get("code"), q.Get("state"))
		}, "invalid_grant provider_level_low"},
		"a selected role that the person lacks": {func() response {
			q := b.visit(elsewhere, mine.beginBrowser().URL)
			return mine.redeem(q.Get("code"), q.Get("state"))
		}, "invalid_grant provider_answer_invalid"},
		"a person without a name": {func() response {
			q := b.visit(nameless, mine.beginBrowser().URL)
			return mine.redeem(q.Get("code"), q.Get("state"))
		}, "invalid_grant provider_answer_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			status, oauth, why := reason(t, c.post())
			if got := oauth + " " + why; got != c.want || status != 400 {
				t.Errorf("got status %d, %q; want 400, %q", status, got, c.want)
			}
		})
	}

	if q := b.visit("", mine.beginBrowser().URL); q.Get("error") != "access_denied" || q.Get("code") != "" {
		t.Errorf("a sign-in that the user ended: got %v, want access_denied", q)
	}
}

// logoutByProvider ends sessions by the provider's own logout tokens.
func logoutByProvider(t *testing.T, b *fixture, p *openidtest.Provider) {
	p.LogoutURI(t, b.server.URL+identity.LogoutPath)
	ask := func(x *terminal) int { return x.get("999000002222", flag, about(tess)).status }
	first, _ := b.byBrowser(oneRole)
	second, _ := b.byBrowser(oneRole)
	if got := []int{ask(first), ask(second)}; got[0] != 200 || got[1] != 200 {
		t.Fatalf("before the logout: got status %v, want 200", got)
	}

	session, err := b.store.SessionByToken(t.Context(), hashOf(first.token))
	must(t, err)
	p.Logout(t, oneRole, session.Provided.SID)
	if got := ask(first); got != 401 {
		t.Errorf("after the logout of its session: got status %d, want 401", got)
	}
	if got := ask(second); got != 200 {
		t.Errorf("after the logout of another session: got status %d, want 200", got)
	}

	last := b.trail()
	found := false
	for _, r := range last {
		found = found || r.Session == session.ID && r.Action == audit.SignOut && r.Reason == "ended by CIS2"
	}
	if !found {
		t.Error("the audit has no record of the logout")
	}
}

// TestCIS2_Organisations accepts only roles at the configured organisations.
func TestCIS2_Organisations(t *testing.T) {
	p := openidtest.Start(t, providerUsers())
	b := newFixture(t, withProvider(p, func(c *cis2.Config) { c.Organisations = []string{"RX1"} }))
	if _, claims := b.byBrowser(twoRoles); rolesIn(claims) != "999000002333" {
		t.Errorf("got roles %q, want the one at RX1", rolesIn(claims))
	}
	if _, claims := b.byBrowser(selected); rolesIn(claims) != "" {
		t.Errorf("got roles %q, want none: the selected one is elsewhere", rolesIn(claims))
	}
}

// TestCIS2_NotOffered refuses the sign-in by browser at a hub without a provider.
func TestCIS2_NotOffered(t *testing.T) {
	b := newFixture(t)
	x := b.terminal()
	for path, form := range map[string]url.Values{
		identity.BrowserPath: {"redirect_uri": {browserURI}},
		identity.TokenPath:   {"grant_type": {"authorization_code"}, "code": {"x"}, "state": {"y"}},
		identity.LogoutPath:  {"logout_token": {"x"}},
	} {
		if status, _, why := reason(t, b.post(path, form, x.proof("POST", path))); status != 400 ||
			why != "browser_not_offered" {
			t.Errorf("%s: got status %d, %q; want 400, browser_not_offered", path, status, why)
		}
	}
}

// TestCIS2_ProviderDown says that the provider can't be reached, and lets the person try again.
func TestCIS2_ProviderDown(t *testing.T) {
	b := newFixture(t, withProvider(&openidtest.Provider{Issuer: "http://127.0.0.1:1"}))
	x := b.terminal()
	r := b.post(identity.BrowserPath, url.Values{"redirect_uri": {browserURI}}, x.proof("POST", identity.BrowserPath))
	if status, oauth, why := reason(t, r); status != 503 || oauth != "temporarily_unavailable" ||
		why != "provider_unavailable" {
		t.Errorf("got status %d, %q, %q; want 503, temporarily_unavailable, provider_unavailable", status, oauth, why)
	}
}
