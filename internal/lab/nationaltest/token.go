package nationaltest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Values of requests for tokens (NHS API platform, security and authorisation).
const (
	grantClient   = "client_credentials"
	grantExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
	typeAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	typeIDToken   = "urn:ietf:params:oauth:token-type:id_token"
)

// maxAssertion is the maximum lifetime of a client assertion.
const maxAssertion = 5 * time.Minute

// issue answers a request for a token, with the errors that the platform documents.
func (p *Platform) issue(w http.ResponseWriter, r *http.Request) {
	form := r.PostForm
	grant := form.Get("grant_type")
	if grant != grantClient && grant != grantExchange {
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", "grant_type is invalid")
		return
	}
	if form.Get("client_assertion_type") != typeAssertion {
		refuse(w, http.StatusBadRequest, "invalid_request", "Missing or invalid client_assertion_type - must be '"+
			typeAssertion+"'")
		return
	}
	if err := p.assertion(form.Get("client_assertion")); err != nil {
		refuse(w, http.StatusUnauthorized, "invalid_request", err.Error())
		return
	}

	exchange := grant == grantExchange
	if exchange {
		switch {
		case form.Get("subject_token_type") != typeIDToken:
			refuse(w, http.StatusBadRequest, "invalid_request", "missing or invalid subject_token_type - must be '"+
				typeIDToken+"'")
			return
		case p.IDToken == nil || !p.IDToken(form.Get("subject_token")):
			refuse(w, http.StatusUnauthorized, "invalid_request", "Missing or invalid subject_token")
			return
		}
	}

	token := strings.ReplaceAll(uuid.NewString(), "-", "")
	p.mu.Lock()
	p.tokens[token] = access{ends: p.clock().Add(TokenTime), person: exchange}
	p.mu.Unlock()
	answer := map[string]string{"access_token": token, "expires_in": "599", "token_type": "Bearer"}
	if exchange {
		answer["refresh_token"], answer["refresh_token_expires_in"] = uuid.NewString(), "43199"
		answer["refresh_count"] = "0"
		answer["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token"
	}
	reply(w, http.StatusOK, "application/json", answer)
}

// assertion checks a client assertion: RS512 with the registered key, iss and sub, aud, an unused jti, and an exp
// within five minutes.
func (p *Platform) assertion(given string) error {
	parts := strings.Split(given, ".")
	if len(parts) != 3 {
		return errors.New("Malformed JWT in client_assertion") //nolint:staticcheck // the platform's text
	}

	var head struct{ Alg, Kid, Typ string }
	var claims struct {
		Iss, Sub, Jti string
		Aud           json.RawMessage
		Exp           int64
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !decode(parts[0], &head) || !decode(parts[1], &claims) {
		return errors.New("Malformed JWT in client_assertion") //nolint:staticcheck // the platform's text
	}

	sum := sha512.Sum512([]byte(parts[0] + "." + parts[1]))
	ends, now := time.Unix(claims.Exp, 0), p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	text := ""
	switch {
	case head.Kid == "":
		text = "Missing 'kid' header in client_assertion JWT"
	case head.Alg != "RS512":
		text = "Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'"
	case head.Kid != KeyID:
		text = "Invalid 'kid' header in client_assertion JWT - no matching public key"
	case rsa.VerifyPKCS1v15(&p.key.PublicKey, crypto.SHA512, sum[:], signature) != nil:
		text = "JWT signature verification failed"
	case claims.Iss != APIKey || claims.Sub != claims.Iss:
		text = "Missing or non-matching iss/sub claims in client_assertion JWT"
	case string(bytes.Trim(claims.Aud, `[]"`)) != p.URL+"/oauth2/token":
		text = "Missing or invalid aud claim in client_assertion JWT"
	case claims.Jti == "":
		text = "Missing jti claim in client_assertion JWT"
	case p.used[claims.Jti]:
		text = "Non-unique jti claim in client_assertion JWT"
	case !ends.After(now):
		text = "Invalid exp claim in client_assertion JWT - JWT has expired"
	case ends.Sub(now) > maxAssertion:
		text = "Invalid exp claim in client_assertion JWT - more than 5 minutes in future"
	}
	p.used[claims.Jti] = true
	if text != "" {
		return errors.New(text)
	}
	return nil
}

func decode(part string, to any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, to) == nil
}

// refuse writes an error of the token end-point.
func refuse(w http.ResponseWriter, status int, code, description string) {
	reply(w, status, "application/json", map[string]string{
		"error": code, "error_description": description, "message_id": "rrt-7834738773827-b-geu2-18973-5712319-1",
	})
}

// reply writes an answer in JSON.
func reply(w http.ResponseWriter, status int, mediaType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // encoding the package's own values can't fail
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
