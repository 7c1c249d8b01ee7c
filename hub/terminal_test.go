package hub_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"wardlight/hub/identity"
	"wardlight/internal/certtest"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// terminal is a client: the key that its tokens are bound to, and its session.
type terminal struct {
	b     *fixture
	key   *ecdsa.PrivateKey
	token string
}

func (b *fixture) terminal() *terminal { return &terminal{b: b, key: certtest.P256(b.t)} }

func (b *fixture) card() *card { return b.ca.issue(b.t, certtest.P256(b.t), jose.ES256, nurseUUID) }

// thumb returns the thumbprint of the terminal's key, calculated without a library (RFC 7638).
func (x *terminal) thumb() string {
	point := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, 32))) }
	sum := sha256.Sum256([]byte(`{"crv":"P-256","kty":"EC","x":"` + point(x.key.X) + `","y":"` + point(x.key.Y) + `"}`))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// proof returns a DPoP proof. change may alter its header or claims.
func (x *terminal) proof(method, path string, change ...func(header, claims map[string]any)) string {
	x.b.t.Helper()
	claims := map[string]any{
		"htm": method, "htu": issuer + path, "iat": x.b.clock.Now().Unix(),
		"jti": uuid.NewString(),
	}
	if x.token != "" {
		sum := sha256.Sum256([]byte(x.token))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	header := map[string]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: &x.key.PublicKey}}
	for _, c := range change {
		c(header, claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: x.key}, options(header))
	must(x.b.t, err)
	return compact(x.b.t, signer, claims)
}

// response is an answer with its body.
type response struct {
	status int
	header http.Header
	body   string
}

func (r response) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("decoding an answer with status %d, body %s: %v", r.status, r.body, err)
	}
}

func (b *fixture) do(req *http.Request) response {
	b.t.Helper()
	if b.by != nil {
		b.by(req)
	}
	resp, err := b.server.Client().Do(req)
	must(b.t, err)
	defer resp.Body.Close() //nolint:errcheck // the body is read below
	body, err := io.ReadAll(resp.Body)
	must(b.t, err)
	if b.by == nil {
		matchesTheDocument(b.t, req, resp, body)
	}
	if resp.Header.Get("Content-Type") == fhir.MediaType && req.Method != http.MethodHead {
		emitted.Check(b.t, body)
	}
	return response{resp.StatusCode, resp.Header, string(body)}
}

func (b *fixture) post(path string, form url.Values, proof string) response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.server.URL+path,
		strings.NewReader(form.Encode()))
	must(b.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if proof != "" {
		req.Header.Set("DPoP", proof)
	}
	return b.do(req)
}

// nonce requests a challenge and returns its nonce.
func (b *fixture) nonce() string {
	b.t.Helper()
	var c struct {
		Nonce     string `json:"nonce"`
		ExpiresIn int    `json:"expires_in"`
		Audience  string `json:"audience"`
	}
	r := b.post("/oauth2/challenge", nil, "")
	r.into(b.t, &c)
	if r.status != 200 || len(c.Nonce) != 43 || c.ExpiresIn != 120 || c.Audience != issuer+"/oauth2/token" {
		b.t.Fatalf("challenge: got status %d, body %s; want 200 with a nonce", r.status, r.body)
	}
	return c.Nonce
}

// assertion returns a card's signed assertion. change may alter its header or claims.
func (x *terminal) assertion(c *card, change ...func(header, claims map[string]any)) string {
	x.b.t.Helper()
	now := x.b.clock.Now()
	header := map[string]any{"typ": "JWT", "x5c": []string{inBase64(c.cert)}}
	claims := map[string]any{
		"iss": nurseUUID, "sub": nurseUUID, "aud": issuer + "/oauth2/token", "iat": now.Unix(),
		"exp": now.Add(time.Minute).Unix(),
		"jti": uuid.NewString(), "nonce": x.b.nonce(), "cnf": map[string]any{"jkt": x.thumb()},
	}
	for _, f := range change {
		f(header, claims)
	}
	return c.sign(x.b.t, header, claims)
}

func (x *terminal) post(assertion, proof string) response {
	x.b.t.Helper()
	return x.b.post("/oauth2/token", url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion},
	}, proof)
}

// signIn returns a terminal with a new session.
func (b *fixture) signIn() *terminal {
	b.t.Helper()
	x := b.terminal()
	r := x.post(x.assertion(b.card()), x.proof(http.MethodPost, "/oauth2/token"))
	var g struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
	}
	r.into(b.t, &g)
	if r.status != 200 || g.TokenType != "DPoP" {
		b.t.Fatalf("sign-in: got status %d, body %s; want 200 with a DPoP token", r.status, r.body)
	}
	x.token = g.AccessToken
	return x
}

// request returns a request as a terminal sends it. change may alter it.
func (x *terminal) request(urid, path string, query url.Values, change ...func(*http.Request)) *http.Request {
	x.b.t.Helper()
	req, err := http.NewRequestWithContext(x.b.t.Context(), http.MethodGet, x.b.server.URL+path+"?"+query.Encode(), nil)
	must(x.b.t, err)
	req.Header.Set("Authorization", "DPoP "+x.token)
	req.Header.Set("DPoP", x.proof(http.MethodGet, path))
	req.Header.Set("X-Request-ID", uuid.NewString())
	req.Header.Set("NHSD-Session-URID", urid)
	for _, c := range change {
		c(req)
	}
	return req
}

func (x *terminal) get(urid, path string, query url.Values, change ...func(*http.Request)) response {
	x.b.t.Helper()
	return x.b.do(x.request(urid, path, query, change...))
}

// Paths of the API.
const (
	patients = "/personal-demographics/FHIR/R4/Patient"
	flag     = "/cpis/FHIR/R4/Flag"
	careTeam = "/cpis/FHIR/R4/CareTeam"
	events   = "/cpis/FHIR/R4/AuditEvent"
)

func about(n nhs.Number) url.Values {
	return url.Values{"patient:identifier": {"https://fhir.nhs.uk/Id/nhs-number|" + n.Digits()}}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func scheduled(r *http.Request) { r.Header.Set("IsUnscheduledAccessEvent", "false") }

// hashOf returns the stored form of an access token.
func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// browserURI is a terminal's redirect URI.
const browserURI = "http://127.0.0.1:49152/callback"

// begun is a sign-in by browser that has begun.
type begun struct {
	URL       string `json:"authorization_url"`
	State     string `json:"state"`
	ExpiresIn int    `json:"expires_in"`
}

func (x *terminal) beginBrowser() begun {
	x.b.t.Helper()
	r := x.b.post(identity.BrowserPath, url.Values{"redirect_uri": {browserURI}}, x.proof("POST", identity.BrowserPath))
	var got begun
	r.into(x.b.t, &got)
	if r.status != 200 || got.ExpiresIn != 300 {
		x.b.t.Fatalf("begin: got status %d, body %s; want 200 with an address", r.status, r.body)
	}
	return got
}
