package hubbench

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"wardlight/hub/store"
	"wardlight/internal/lab/pki"
	"wardlight/rbac"
)

// client is a signed-in user with a terminal.
type client struct {
	p      *testHub
	clock  func() time.Time
	urid   string
	token  string
	ath    string // hash of the token for DPoP proofs
	proofs jose.Signer
}

// signIn creates a person with a card and signs them in as a terminal does.
func (p *testHub) signIn(ctx context.Context, ca *pki.CA, clock func() time.Time, i int) (*client, error) {
	who := fmt.Sprintf("99900001%04d", i)
	c := &client{p: p, clock: clock, urid: fmt.Sprintf("99900002%04d", i)}
	if err := p.ledger.PutPerson(ctx, store.Person{
		UUID: who, Title: "Ms", Given: "Ada", Family: "Sample",
		Roles: []store.Role{{
			OrgID: "999000000509", RoleProfile: rbac.RoleProfile{
				URID: c.urid, JobRole: "S8000:G8000:R8001", JobName: "Nurse Access Role", OrgODS: "X99",
				OrgName:    "EXAMPLE GENERAL HOSPITAL",
				Activities: []rbac.ActivityCode{rbac.Trace, rbac.ViewAlert},
			},
		}},
	}); err != nil {
		return nil, err
	}

	now := clock()
	card, err := ca.IssueCard(pki.CardRequest{
		UUID: who, Serial: int64(1000 + i), Key: pki.P256, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(24 * time.Hour),
	})
	if err != nil {
		return nil, err
	}

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}

	c.proofs, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key},
		(&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"))
	if err != nil {
		return nil, err
	}

	thumb, err := (&jose.JSONWebKey{Key: &key.PublicKey}).Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}

	return c, c.begin(ctx, card, who, base64.RawURLEncoding.EncodeToString(thumb))
}

// begin requests the token.
func (c *client) begin(ctx context.Context, card pki.Issued, who, thumb string) error {
	var challenge struct {
		Nonce    string `json:"nonce"`
		Audience string `json:"audience"`
	}

	if err := c.post(ctx, "/oauth2/challenge", nil, &challenge); err != nil {
		return err
	}

	chain := []string{base64.StdEncoding.EncodeToString(card.DER())}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: card.Key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("x5c", chain))
	if err != nil {
		return err
	}

	now := c.clock()
	assertion, err := signed(signer, map[string]any{
		"iss": who, "sub": who, "aud": challenge.Audience, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"jti": uuid.NewString(), "nonce": challenge.Nonce, "cnf": map[string]any{"jkt": thumb},
	})
	if err != nil {
		return err
	}

	var grant struct {
		Token string `json:"access_token"`
	}

	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}
	if err := c.post(ctx, "/oauth2/token", form, &grant); err != nil {
		return err
	}

	sum := sha256.Sum256([]byte(grant.Token))
	c.token, c.ath = grant.Token, base64.RawURLEncoding.EncodeToString(sum[:])
	return nil
}

func (c *client) post(ctx context.Context, path string, form url.Values, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.p.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}

	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	proof, err := c.proof(http.MethodPost, path)
	if err != nil {
		return err
	}

	r.Header.Set("DPoP", proof)
	got, err := c.p.http.Do(r)
	if err != nil {
		return err
	}
	defer got.Body.Close() //nolint:errcheck // only read from
	body, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d %s: %w", path, got.StatusCode, body, err)
	}

	return json.Unmarshal(body, answer)
}

// proof returns a DPoP proof for one request (RFC 9449).
func (c *client) proof(method, path string) (string, error) {
	claims := map[string]any{"htm": method, "htu": c.p.url + path, "iat": c.clock().Unix(), "jti": uuid.NewString()}
	if c.ath != "" {
		claims["ath"] = c.ath
	}
	return signed(c.proofs, claims)
}

func signed(s jose.Signer, claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	jws, err := s.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

// request returns a request with its DPoP proof.
func (c *client) request(ctx context.Context, path string, query url.Values, id string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.p.url+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	if query == nil {
		r.URL.RawQuery = ""
	}
	proof, err := c.proof(http.MethodGet, path)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "DPoP "+c.token)
	r.Header.Set("DPoP", proof)
	r.Header.Set(requestID, id)
	r.Header.Set("NHSD-Session-URID", c.urid)
	return r, nil
}
