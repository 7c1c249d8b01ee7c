package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wardlight/internal/certerror"
)

// grantJWT is the grant type of RFC 7523.
const grantJWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// SignIn exchanges an assertion that answers c for a session. A person without a role can sign in, too; Roles then
// returns none.
//
// Errors are *Error. Besides the kinds of any call they are NonceExpired, SignInRefused, ClockWrong,
// CertificateUntrusted, CertificateExpired, CertificateRevoked and UnknownPerson.
func (h *Hub) SignIn(ctx context.Context, c Challenge, signed Assertion) (*Session, error) {
	return h.redeem(ctx, call{
		form: url.Values{"grant_type": {grantJWT}, "assertion": {signed.token}}, key: signed.key,
	}, expected{
		subject: signed.subject, origins: []string{originOf(c.Audience), originOf(h.base.String())},
	})
}

// redeem exchanges what req's form contains for a session that is bound to req's key. want is what the id_token must
// have, besides the time.
func (h *Hub) redeem(ctx context.Context, req call, want expected) (*Session, error) {
	req.method, req.path, req.route = http.MethodPost, "/oauth2/token", "/oauth2/token"
	req.accept, req.requestID = jsonType, h.newID()
	asked := h.clock()
	a, err := h.do(ctx, req)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, refusedSignIn(req, a, h.clock())
	}

	var got struct {
		AccessToken string  `json:"access_token"`
		TokenType   string  `json:"token_type"`
		Expires     float64 `json:"expires_in"`
		IDToken     string  `json:"id_token"`
		Listed      *bool   `json:"revocation_list"`
	}

	switch {
	case !isType(a, jsonType):
		return nil, malformed(req, a, "token: not JSON by its content type")
	case json.Unmarshal(a.body, &got) != nil:
		return nil, malformed(req, a, "token: not JSON")
	case !strings.EqualFold(got.TokenType, "DPoP"): // a stolen bearer token could be used by anybody
		return nil, malformed(req, a, "token: not bound to the proof key")
	case !isToken(got.AccessToken) || got.Expires <= 0:
		return nil, malformed(req, a, "token: no usable token")
	}

	want.now = h.clock()
	person, roles, err := readIDToken(got.IDToken, want)
	if err != nil {
		return nil, malformed(req, a, "token: "+err.Error())
	}

	const longest = 24 * 60 * 60 // seconds; the maximum, whatever the hub says
	life := time.Duration(min(got.Expires, longest) * float64(time.Second))
	return &Session{
		hub: h, token: got.AccessToken, key: req.key,
		person: person, roles: roles, ends: asked.Add(life), lists: revocationListOf(got.Listed),
		byBrowser: req.form.Get("grant_type") == grantCode,
	}, nil
}

// revocationListOf converts the hub's statement about its revocation lists; nil means that there is none.
func revocationListOf(listed *bool) RevocationList {
	switch {
	case listed == nil:
		return ListUnknown
	case *listed:
		return ListInForce
	}
	return NoList
}

// isToken reports whether s is valid in an Authorization header (RFC 6750 §2.1, token68).
func isToken(s string) bool {
	if s == "" || len(s) > 16<<10 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') &&
			!strings.ContainsRune("-._~+/=", r)
	}) < 0
}

// refusals maps the reasons of docs/api.md to kinds. Any other reason is SignInRefused.
var refusals = map[string]Kind{
	"nonce_unknown":         NonceExpired,
	"clock_skew":            ClockWrong,
	"certificate_untrusted": CertificateUntrusted,
	"certificate_ended":     CertificateExpired,
	"certificate_revoked":   CertificateRevoked,
	"person_unknown":        UnknownPerson,

	"browser_not_offered":     BrowserNotOffered,
	"state_unknown":           BrowserTooLate,
	"provider_unavailable":    ProviderUnavailable,
	"provider_refused":        ProviderRefused,
	"provider_answer_invalid": ProviderInvalid,
	"provider_sign_in_old":    BrowserTooLate,
	"provider_level_low":      ProviderWeak,
}

// refusedSignIn returns the error of an answer other than 200 from the sign-in routes (RFC 6749 §5.2).
func refusedSignIn(c call, a answer, now time.Time) *Error {
	var got struct {
		Error  string           `json:"error"`
		Reason string           `json:"reason"`
		Fault  certerror.Reason `json:"certificate_fault"`
	}

	if json.Unmarshal(a.body, &got) != nil {
		got.Error, got.Reason, got.Fault = "", "", ""
	}

	if got.Error == "" && isIntercepted(a.status) {
		return intercepted(c, a)
	}

	code := got.Reason
	if code == "" {
		code = got.Error
	}

	e := &Error{Status: a.status, SpineCode: plainCode(code), RequestID: c.requestID}
	switch a.status {
	case http.StatusBadRequest, http.StatusUnauthorized:
		e.Kind = SignInRefused
		if kind, known := refusals[got.Reason]; known {
			e.Kind = kind
		}
		switch {
		case e.Kind == ClockWrong:
			e.Detail = skewWords(skewOf(a, now))
		case e.Kind == CertificateUntrusted && got.Fault.Known():
			e.Detail = "The hub does not trust this smartcard: " + got.Fault.Words() + "."
			e.SpineCode += "-" + string(got.Fault)
		}
	default:
		e.Kind, e.Wait = byStatus(a.status), waitOf(a, now)
		if got.Reason == "provider_unavailable" {
			e.Kind = ProviderUnavailable
		}
	}

	return e
}
