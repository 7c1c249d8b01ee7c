package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"wardlight/internal/text"
)

// grantCode is the grant type of RFC 6749 §4.1.3.
const grantCode = "authorization_code"

// maxAddress is the maximum length of the address that the browser opens.
const maxAddress = 8 << 10

// BrowserSignIn is a sign-in by browser that has begun. Its session will be bound to a key of its own.
type BrowserSignIn struct {
	URL     string    // the address to open in the browser
	State   string    // the redirect must have the same
	Expires time.Time // by this computer's clock
	key     *ProofKey
}

// BeginBrowser asks the hub for the address at which the person signs in with CIS2 in the browser. redirect is the
// address on this computer to which the browser returns: http://127.0.0.1:PORT/callback (RFC 8252).
//
// Errors are *Error. Besides the kinds of any call they are BrowserNotOffered and ProviderUnavailable.
func (h *Hub) BeginBrowser(ctx context.Context, redirect string) (BrowserSignIn, error) {
	key, err := NewProofKey()
	if err != nil {
		return BrowserSignIn{}, &Error{Kind: Unexpected, Err: err}
	}
	req := call{
		method: http.MethodPost, path: "/oauth2/browser", route: "/oauth2/browser",
		form: url.Values{"redirect_uri": {redirect}}, accept: jsonType, requestID: h.newID(), key: key,
	}

	asked := h.clock()
	a, err := h.do(ctx, req)
	switch {
	case err != nil:
		return BrowserSignIn{}, err
	case a.status == http.StatusNotFound: // a hub of an earlier version
		return BrowserSignIn{}, &Error{Kind: BrowserNotOffered, Status: a.status, RequestID: req.requestID}
	case a.status != http.StatusOK:
		return BrowserSignIn{}, refusedSignIn(req, a, h.clock())
	}

	var got struct {
		URL     string  `json:"authorization_url"`
		State   string  `json:"state"`
		Expires float64 `json:"expires_in"`
	}
	switch {
	case !isType(a, jsonType) || json.Unmarshal(a.body, &got) != nil:
		return BrowserSignIn{}, malformed(req, a, "browser: not JSON")
	case !isBrowserAddress(got.URL):
		return BrowserSignIn{}, malformed(req, a, "browser: no usable address")
	case !isToken(got.State) || got.Expires <= 0 || got.Expires > maxChallengeLifetime:
		return BrowserSignIn{}, malformed(req, a, "browser: no state or no end")
	}
	return BrowserSignIn{
		URL: got.URL, State: got.State, key: key, Expires: asked.Add(time.Duration(got.Expires * float64(time.Second))),
	}, nil
}

// isBrowserAddress reports whether a text is an address that the browser may open: https, or http on this computer. The
// browser's program gets it as an argument, so that it must not be anything else.
func isBrowserAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxAddress && s == text.Clean(s, 0) && u.User == nil && u.Host != "" &&
		(u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}

// SignInByBrowser exchanges the code that the browser returned for a session. A person without a role can sign in,
// too; Roles then returns none.
//
// Errors are *Error. Besides the kinds of any call they are those of the sign-in by browser, SignInRefused and
// ClockWrong.
func (h *Hub) SignInByBrowser(ctx context.Context, b BrowserSignIn, code string) (*Session, error) {
	return h.redeem(ctx, call{
		form: url.Values{"grant_type": {grantCode}, "code": {code}, "state": {b.State}}, key: b.key,
	}, expected{origins: []string{originOf(h.base.String())}})
}
