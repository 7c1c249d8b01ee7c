package hubtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

type tokenKey struct{ key *ecdsa.PrivateKey }

func newTokenKey() (tokenKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return tokenKey{key}, err
}

func (h *Hub) audience() string { return h.URL + "/oauth2/token" }

func (h *Hub) challenge(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	h.mu.Lock()
	h.nonces[nonce] = true
	h.mu.Unlock()
	write(w, r, http.StatusOK, "application/json",
		map[string]any{"nonce": nonce, "expires_in": 120, "audience": h.audience()})
}

func (h *Hub) token(w http.ResponseWriter, r *http.Request) {
	thumbprint, err := h.proof(r, "")
	if err != nil {
		RefuseSignIn(w, r, http.StatusBadRequest, "invalid_dpop_proof", "proof_invalid")
		return
	}

	var subject, reason string
	switch r.PostFormValue("grant_type") {
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		subject, reason = h.assertion(r.PostFormValue("assertion"), thumbprint)
	case "authorization_code":
		subject, reason = BrowserPerson, h.redeemed(r, thumbprint)
	default:
		reason = "grant_unsupported"
	}

	if reason != "" {
		RefuseSignIn(w, r, http.StatusBadRequest, "invalid_grant", reason)
		return
	}

	token := rand.Text()
	h.mu.Lock()
	h.tokens[token] = thumbprint
	h.mu.Unlock()
	write(w, r, http.StatusOK, "application/json", map[string]any{
		"access_token": token, "token_type": "DPoP", "expires_in": 28800, "id_token": h.IDToken(subject, nil),
	})
}

// IDToken returns a signed id_token for the person. claims are added to the default claims or replace them.
func (h *Hub) IDToken(subject string, claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: h.sign.key}, nil)
	if err != nil {
		panic(err) // cannot fail with a fixed key and algorithm
	}
	now := h.Clock()
	p := h.Person
	token, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": h.URL, "aud": "wardlight", "sub": subject, "iat": now.Unix(), "exp": now.Add(8 * time.Hour).Unix(),
		"nhsid_useruid": subject, "name": p.Family + " " + p.Given + " " + p.Title,
		"title": p.Title, "given_name": p.Given, "family_name": p.Family,
		"nhsid_nrbac_roles": append([]Role{}, p.Roles...), "nhsid_user_orgs": append([]Org{}, p.Orgs...),
	}).Claims(claims).Serialize()
	if err != nil {
		panic(err)
	}
	return token
}

// assertion verifies an assertion according to docs/api.md. It returns the subject, or the reason for a refusal.
func (h *Hub) assertion(token, thumbprint string) (subject, reason string) {
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.ES384})
	if err != nil || len(parsed.Headers) != 1 {
		return "", "assertion_invalid"
	}

	// go-jose doesn't return x5c before it has verified the chain, so the header is decoded here.
	head, err := base64.RawURLEncoding.DecodeString(token[:strings.IndexByte(token, '.')])
	if err != nil {
		return "", "assertion_invalid"
	}

	var header struct {
		Type  string   `json:"typ"`
		Chain []string `json:"x5c"`
	}

	if json.Unmarshal(head, &header) != nil || header.Type != "JWT" || len(header.Chain) == 0 {
		return "", "assertion_invalid"
	}

	der, err := base64.StdEncoding.DecodeString(header.Chain[0])
	if err != nil {
		return "", "assertion_invalid"
	}

	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return "", "certificate_untrusted"
	}

	var claims struct {
		jwt.Claims
		Nonce string            `json:"nonce"`
		Bound map[string]string `json:"cnf"`
	}

	if parsed.Claims(cert.PublicKey, &claims) != nil {
		return "", "assertion_invalid"
	}

	h.mu.Lock()
	fresh := h.nonces[claims.Nonce]
	delete(h.nonces, claims.Nonce)
	h.mu.Unlock()
	now := h.Clock()
	switch {
	case !fresh:
		return "", "nonce_unknown"
	case claims.IssuedAt == nil || claims.Expiry == nil || now.Sub(claims.IssuedAt.Time()).Abs() > 2*time.Minute,
		claims.Expiry.Time().Sub(claims.IssuedAt.Time()) > 2*time.Minute,
		now.After(claims.Expiry.Time().Add(2 * time.Minute)):
		return "", "clock_skew"
	case len(claims.Audience) != 1 || claims.Audience[0] != h.audience(), claims.ID == "",
		claims.Issuer != claims.Subject, claims.Subject != cert.Subject.CommonName, claims.Bound["jkt"] != thumbprint:
		return "", "assertion_invalid"
	}

	return claims.Subject, ""
}

// proof verifies the request's DPoP proof (RFC 9449 §4.3) and returns the thumbprint of its key.
func (h *Hub) proof(r *http.Request, token string) (string, error) {
	parsed, err := jwt.ParseSigned(r.Header.Get("DPoP"), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || len(parsed.Headers) != 1 || parsed.Headers[0].JSONWebKey == nil {
		return "", errors.New("no proof")
	}

	head := parsed.Headers[0]
	var claims struct {
		Method string `json:"htm"`
		URL    string `json:"htu"`
		Issued int64  `json:"iat"`
		ID     string `json:"jti"`
		Token  string `json:"ath"`
	}

	if head.ExtraHeaders["typ"] != "dpop+jwt" || !head.JSONWebKey.IsPublic() ||
		parsed.Claims(head.JSONWebKey.Key, &claims) != nil {
		return "", errors.New("bad proof")
	}

	hash := ""
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		hash = base64.RawURLEncoding.EncodeToString(sum[:])
	}

	h.mu.Lock()
	used := h.proofs[claims.ID]
	h.proofs[claims.ID] = true
	h.mu.Unlock()

	switch {
	case used || claims.ID == "":
		return "", errors.New("proof used before")
	case claims.Method != r.Method || claims.URL != "https://"+r.Host+r.URL.Path || claims.Token != hash:
		return "", errors.New("proof of another request")
	case h.Clock().Sub(time.Unix(claims.Issued, 0)).Abs() > 2*time.Minute:
		return "", errors.New("proof of another time")
	}

	sum, err := head.JSONWebKey.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", err
	}

	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// requireSession rejects requests without a live token, its proof and a request id.
func (h *Hub) requireSession(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "DPoP ")
		thumbprint, err := h.proof(r, token)
		h.mu.Lock()
		bound, live := h.tokens[token]
		h.mu.Unlock()
		if !ok || err != nil || !live || bound != thumbprint || r.Header.Get("X-Request-ID") == "" {
			Refuse(w, r, http.StatusUnauthorized, "ACCESS_DENIED", "Invalid Access Token")
			return
		}
		next(w, r)
	}
}

func (h *Hub) revoke(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	delete(h.tokens, r.PostFormValue("token"))
	h.mu.Unlock()
	write(w, r, http.StatusOK, "application/json", map[string]any{})
}
