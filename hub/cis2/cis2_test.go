package cis2_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub/cis2"
)

// now is the time of the tests.
var now = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

const clientID = "the-hub"

// fakeProvider is a provider whose answers the tests change.
type fakeProvider struct {
	t        *testing.T
	url      string
	key      *rsa.PrivateKey
	metadata map[string]any
	idToken  string
	userinfo map[string]any
	status   int // of the token endpoint; 0 means 200
	body     string
	form     map[string][]string // of the last request for a token
	authz    string              // its Authorization header
	reads    int                 // of the metadata
}

func newProvider(t *testing.T) *fakeProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeProvider{t: t, key: key, userinfo: person()}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	f.metadata = map[string]any{
		"issuer": f.url, "authorization_endpoint": f.url + "/auth", "token_endpoint": f.url + "/token",
		"userinfo_endpoint": f.url + "/me", "jwks_uri": f.url + "/jwks",
		"id_token_signing_alg_values_supported": []string{"RS512"},
		"code_challenge_methods_supported":      []string{"S256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"},
	}
	f.idToken = f.sign(f.key, "RS512", f.claims())
	return f
}

// ServeHTTP implements http.Handler.
func (f *fakeProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var v any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		f.reads++
		v = f.metadata
	case "/jwks":
		v = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &f.key.PublicKey, KeyID: "k", Use: "sig"}}}
	case "/token":
		_ = r.ParseForm()
		f.form, f.authz = r.PostForm, r.Header.Get("Authorization")
		if f.status != 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(f.status)
			_, _ = w.Write([]byte(f.body))
			return
		}
		v = map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": f.idToken}
	case "/me":
		v = f.userinfo
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		f.t.Error(err)
	}
}

// claims returns valid claims of an ID token, as CIS2 documents them.
func (f *fakeProvider) claims() map[string]any {
	return map[string]any{
		"iss": f.url, "sub": "subject", "aud": clientID, "azp": clientID, "nonce": "nonce", "iat": now.Unix(),
		"exp": now.Add(time.Hour).Unix(), "auth_time": now.Add(-time.Minute).Unix(), "acr": "AAL3_ANY",
		"amr": []string{"N3_SMARTCARD"}, "id_assurance_level": "3", "authentication_assurance_level": "3", "sid": "s1",
	}
}

func (f *fakeProvider) logoutClaims() map[string]any {
	return map[string]any{
		"iss": f.url, "sub": "subject", "aud": clientID, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"jti": "j1", "sid": "s1", "events": map[string]any{
			"http://schemas.openid.net/event/backchannel-logout": map[string]any{},
		},
	}
}

func person() map[string]any {
	return map[string]any{
		"sub": "subject", "nhsid_useruid": "999000002111", "given_name": "Ada", "family_name": "Sample", "title": "Ms",
		"nhsid_nrbac_roles": []map[string]any{role("999000002222")},
		"nhsid_user_orgs":   []map[string]any{{"org_code": "RX1", "org_name": "EXAMPLE GENERAL HOSPITAL"}},
	}
}

func role(urid string) map[string]any {
	return map[string]any{
		"person_orgid": "999000009999", "person_roleid": urid, "org_code": "RX1", "role_code": "S8000:G8000:R8001",
		"role_name": `"Clinical":"Clinical Provision":"Nurse Access Role"`, "activity_codes": []string{"B0264", "B0107", "x"},
	}
}

// sign returns a JWT with the claims.
func (f *fakeProvider) sign(key any, alg jose.SignatureAlgorithm, claims map[string]any) string {
	f.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "k"))
	if err != nil {
		f.t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		f.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		f.t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		f.t.Fatal(err)
	}
	return compact
}

func (f *fakeProvider) provider(change ...func(*cis2.Config)) *cis2.Provider {
	f.t.Helper()
	c := cis2.Config{
		Issuer: f.url, ClientID: clientID, ClientSecret: "secret", Clock: func() time.Time { return now },
	}
	for _, f := range change {
		f(&c)
	}
	p, err := cis2.New(c)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

var request = cis2.Request{Redirect: "http://127.0.0.1:1/callback", Nonce: "nonce", Verifier: strings.Repeat("v", 43)}

// reasonOf returns the reason and the details of an error, or "accepted".
func reasonOf(err error) string {
	var e *cis2.Error
	switch {
	case err == nil:
		return "accepted"
	case !errors.As(err, &e):
		return "another error: " + err.Error()
	}
	return map[cis2.Reason]string{
		cis2.Unavailable: "unavailable", cis2.Refused: "refused", cis2.Invalid: "invalid", cis2.TooOld: "too old",
		cis2.TooWeak: "too weak",
	}[e.Reason] + ": " + e.What
}

func TestExchange(t *testing.T) {
	f := newProvider(t)
	got, err := f.provider().Exchange(t.Context(), "code", request)
	if err != nil {
		t.Fatal(err)
	}
	r := got.Person.Roles[0]
	switch {
	case got.Person.UUID != "999000002111" || got.Person.Family != "Sample" || got.Subject != "subject" ||
		got.SID != "s1":
		t.Errorf("got %+v, want the person of the claims", got)
	case got.IDToken != f.idToken || !got.IDTokenEnds.Equal(now.Add(time.Hour)):
		t.Error("the ID token, or its end, is not the received one")
	case len(got.Person.Roles) != 1 || r.URID != "999000002222" || r.JobName != "Nurse Access Role" ||
		r.OrgODS != "RX1" ||
		r.OrgName != "EXAMPLE GENERAL HOSPITAL" || len(r.Activities) != 2:
		t.Errorf("got roles %+v, want one with two activity codes", got.Person.Roles)
	case f.form["code_verifier"][0] != request.Verifier || f.form["client_secret"][0] != "secret" || f.authz != "":
		t.Errorf("got the form %v, want PKCE's verifier and the client secret in it", f.form)
	}
}

// TestExchange_Attacks changes an ID token or userinfo in one way.
func TestExchange_Attacks(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}

	claim := func(name string, value any) func(*fakeProvider) {
		return func(f *fakeProvider) {
			c := f.claims()
			if c[name] = value; value == nil {
				delete(c, name)
			}
			f.idToken = f.sign(f.key, "RS512", c)
		}
	}
	info := func(name string, value any) func(*fakeProvider) {
		return func(f *fakeProvider) { f.userinfo[name] = value }
	}

	for name, c := range map[string]struct {
		change func(*fakeProvider)
		want   string
	}{
		"nothing":          {func(*fakeProvider) {}, "accepted"},
		"another nonce":    {claim("nonce", "other"), "invalid: the nonce"},
		"no nonce":         {claim("nonce", nil), "invalid: the nonce"},
		"another issuer":   {claim("iss", "https://evil.example"), "invalid: the ID token is missing"},
		"another audience": {claim("aud", "another"), "invalid: the ID token is missing"},
		"several audiences without azp": {func(f *fakeProvider) {
			c := f.claims()
			c["aud"] = []string{clientID, "x"}
			delete(c, "azp")
			f.idToken = f.sign(f.key, "RS512", c)
		}, "invalid: the ID token was issued to another client"},
		"several audiences with our azp": {claim("aud", []string{clientID, "x"}), "accepted"},
		"another azp": {
			claim("azp", "another"),
			"invalid: the ID token was issued to another client",
		},
		"an expired token": {
			claim("exp", now.Add(-time.Minute).Unix()),
			"invalid: the ID token has expired",
		},
		"a token from the future": {
			claim("iat", now.Add(time.Hour).Unix()),
			"invalid: the ID token was issued in the future",
		},
		"another access token's hash": {claim("at_hash", "AAAA"), "invalid: the access token"},
		"no auth_time":                {claim("auth_time", nil), "invalid: the ID token has no auth_time"},
		"an old auth_time":            {claim("auth_time", now.Add(-8*time.Minute).Unix()), "too old: "},
		"auth_time within the leeway": {claim("auth_time", now.Add(-6*time.Minute).Unix()), "accepted"},
		"auth_time in the future":     {claim("auth_time", now.Add(time.Hour).Unix()), "invalid: auth_time"},
		"a low authentication level":  {claim("authentication_assurance_level", "2"), "too weak: authentication"},
		"no authentication level":     {claim("authentication_assurance_level", nil), "too weak: authentication"},
		"a malformed level": {
			claim("authentication_assurance_level", "high"),
			"invalid: the claims of the ID token",
		},
		"a low identity level": {claim("id_assurance_level", "1"), "too weak: id_assurance_level"},
		"a level as a number":  {claim("id_assurance_level", 3), "accepted"},
		"alg none": {
			func(f *fakeProvider) { f.idToken = unsigned(f.claims()) },
			"invalid: the ID token is missing",
		},
		"a shared secret": {func(f *fakeProvider) {
			f.idToken = f.sign([]byte(strings.Repeat("s", 64)),
				"HS512", f.claims())
		}, "invalid: the ID token is missing"},
		"another key": {
			func(f *fakeProvider) { f.idToken = f.sign(other, "RS512", f.claims()) },
			"invalid: the ID token is missing",
		},
		"a logout token": {func(f *fakeProvider) {
			f.idToken = f.sign(f.key, "RS512",
				f.logoutClaims())
		}, "invalid: the nonce"},
		"no token": {
			func(f *fakeProvider) { f.idToken = "" },
			"invalid: the ID token is missing",
		},
		"userinfo of another subject": {info("sub", "other"), "invalid: userinfo is about another subject"},
		"another user in userinfo": {
			func(f *fakeProvider) { claim("nhsid_useruid", "999000002999")(f) },
			"invalid: nhsid_useruid differs",
		},
		"a malformed user":          {info("nhsid_useruid", "12"), "invalid: nhsid_useruid is not"},
		"malformed roles":           {info("nhsid_nrbac_roles", "x"), "invalid: the claims of userinfo"},
		"a selected role of nobody": {info("selected_roleid", "999000009999"), "invalid: selected_roleid"},
		"a code that was refused": {func(f *fakeProvider) {
			f.status, f.body = 400, `{"error":"invalid_grant","error_description":"SECRET"}`
		}, "refused: "},
		"a refused client": {func(f *fakeProvider) {
			f.status, f.body = 401, `{"error":"invalid_client","error_description":"SECRET"}`
		}, "unavailable: the provider refused the hub's"},
		"a failing provider": {
			func(f *fakeProvider) { f.status, f.body = 503, "SECRET" },
			"unavailable: the provider's token endpoint failed with status 503",
		},
		"a long answer": {
			func(f *fakeProvider) { f.status, f.body = 200, strings.Repeat(" ", 2<<20) },
			"unavailable: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newProvider(t)
			c.change(f)
			_, err := f.provider().Exchange(t.Context(), "code", request)
			if got := reasonOf(err); !strings.HasPrefix(got, c.want) || strings.Contains(got, "SECRET") {
				t.Errorf("got %q, want it to begin with %q", got, c.want)
			}
		})
	}
}

// unsigned returns a JWT with the algorithm "none".
func unsigned(claims map[string]any) string {
	payload, _ := json.Marshal(claims)
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + "."
}

// TestLogout_Attacks changes a logout token in one way.
func TestLogout_Attacks(t *testing.T) {
	f := newProvider(t)
	for name, c := range map[string]struct {
		change func(map[string]any)
		want   string
	}{
		"nothing":                     {func(map[string]any) {}, "accepted"},
		"no sid":                      {func(c map[string]any) { delete(c, "sid") }, "accepted"},
		"no subject":                  {func(c map[string]any) { delete(c, "sub") }, "accepted"},
		"neither":                     {func(c map[string]any) { delete(c, "sub"); delete(c, "sid") }, "invalid"},
		"the token of another client": {func(c map[string]any) { c["aud"] = "another" }, "invalid"},
		"another issuer":              {func(c map[string]any) { c["iss"] = "https://evil.example" }, "invalid"},
		"no event":                    {func(c map[string]any) { delete(c, "events") }, "invalid"},
		"another event": {
			func(c map[string]any) { c["events"] = map[string]any{"x": map[string]any{}} },
			"invalid",
		},
		"a nonce":                 {func(c map[string]any) { c["nonce"] = "x" }, "invalid"},
		"no jti":                  {func(c map[string]any) { delete(c, "jti") }, "invalid"},
		"no exp":                  {func(c map[string]any) { delete(c, "exp") }, "invalid"},
		"an expired token":        {func(c map[string]any) { c["exp"] = now.Add(-time.Minute).Unix() }, "invalid"},
		"no iat":                  {func(c map[string]any) { delete(c, "iat") }, "invalid"},
		"a token from the future": {func(c map[string]any) { c["iat"] = now.Add(time.Hour).Unix() }, "invalid"},
		"an ID token":             {func(c map[string]any) { clear(c); maps.Copy(c, f.claims()) }, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			claims := f.logoutClaims()
			c.change(claims)
			out, err := f.provider().Logout(t.Context(), f.sign(f.key, "RS512", claims))
			if got, _, _ := strings.Cut(reasonOf(err), ":"); got != c.want {
				t.Errorf("got %+v, %q; want %q", out, reasonOf(err), c.want)
			}
		})
	}

	if _, err := f.provider().Logout(t.Context(), unsigned(f.logoutClaims())); reasonOf(err)[:7] != "invalid" {
		t.Errorf("alg none: got %q, want invalid", reasonOf(err))
	}
}

func TestAuthURL(t *testing.T) {
	f := newProvider(t)
	p := f.provider()
	for range 2 {
		got, err := p.AuthURL(t.Context(), "the state", request)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{
			f.url + "/auth?", "client_id=the-hub", "response_type=code", "state=the+state", "nonce=nonce",
			"max_age=300",
			"code_challenge_method=S256", "code_challenge=", "scope=openid+profile",
			"redirect_uri=http%3A%2F%2F127.0.0.1%3A1",
		} {
			if !strings.Contains(got, part) {
				t.Errorf("got %s, want %s in it", got, part)
			}
		}
		if strings.Contains(got, request.Verifier) || strings.Contains(got, "secret") {
			t.Errorf("got %s, want neither PKCE's verifier nor the client secret in it", got)
		}
	}
	if f.reads != 1 {
		t.Errorf("the metadata was read %d times, want once", f.reads)
	}

	delete(f.metadata, "code_challenge_methods_supported")
	if got, err := f.provider().AuthURL(t.Context(), "s", request); err != nil ||
		strings.Contains(got, "code_challenge") {
		t.Errorf("without PKCE at the provider: got %s, %v; want no challenge", got, err)
	}
}

// TestAuthURL_Metadata refuses metadata that names another issuer, or an address without TLS.
func TestAuthURL_Metadata(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"another issuer":           func(m map[string]any) { m["issuer"] = "https://evil.example" },
		"a token endpoint by http": func(m map[string]any) { m["token_endpoint"] = "http://evil.example/token" },
		"no userinfo":              func(m map[string]any) { delete(m, "userinfo_endpoint") },
		"malformed":                func(m map[string]any) { m["token_endpoint"] = 5 },
	} {
		t.Run(name, func(t *testing.T) {
			f := newProvider(t)
			change(f.metadata)
			if got, err := f.provider().AuthURL(t.Context(), "s", request); !strings.HasPrefix(reasonOf(err),
				"unavailable") {
				t.Errorf("got %s, %q; want unavailable", got, reasonOf(err))
			}
		})
	}
}

func TestNew_Refusals(t *testing.T) {
	valid := cis2.Config{Issuer: "https://cis2.example", ClientID: "c", ClientSecret: "s", Clock: time.Now}
	if _, err := cis2.New(valid); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*cis2.Config){
		"http":        func(c *cis2.Config) { c.Issuer = "http://cis2.example" },
		"no host":     func(c *cis2.Config) { c.Issuer = "https://" },
		"a user":      func(c *cis2.Config) { c.Issuer = "https://u:p@cis2.example" },
		"no client":   func(c *cis2.Config) { c.ClientID = "" },
		"no secret":   func(c *cis2.Config) { c.ClientSecret = "" },
		"no openid":   func(c *cis2.Config) { c.Scopes = []string{"profile"} },
		"no clock":    func(c *cis2.Config) { c.Clock = nil },
		"a query":     func(c *cis2.Config) { c.Issuer += "?x=y" },
		"no issuer":   func(c *cis2.Config) { c.Issuer = "" },
		"other words": func(c *cis2.Config) { c.Issuer = "cis2" },
	} {
		c := valid
		change(&c)
		if _, err := cis2.New(c); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}
