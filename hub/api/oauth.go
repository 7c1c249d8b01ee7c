package api

import (
	"errors"
	"mime"
	"net/http"
	"net/url"

	"wardlight/hub/identity"
)

// Grant types: of RFC 7523 §2.1 for the card's assertion, and of RFC 6749 §4.1.3 for the sign-in by browser.
const (
	grantJWT  = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	grantCode = "authorization_code"
)

// oauthError is an error of RFC 6749 §5.2 with additional members for the client's message.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
	Reason      string `json:"reason"`
	Fault       string `json:"certificate_fault,omitempty"` // for certificate_untrusted: a certerror.Reason
}

// challenge answers POST /oauth2/challenge.
func (a *API) challenge(w http.ResponseWriter, r *http.Request) {
	c, err := a.Identity.Challenge(r.Context())
	if err != nil {
		a.refuseSignIn(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Nonce     string `json:"nonce"`
		ExpiresIn int    `json:"expires_in"`
		Audience  string `json:"audience"`
	}{c.Nonce, int(c.ExpiresIn.Seconds()), c.Audience})
}

// token answers POST /oauth2/token.
func (a *API) token(w http.ResponseWriter, r *http.Request) {
	form, ok := a.form(w, r)
	if !ok {
		return
	}

	var g identity.Grant
	var err error
	switch once := func(name string) bool { return len(form[name]) == 1 && form.Get(name) != "" }; {
	case len(form["grant_type"]) != 1:
		err = malformed("grant_type must be given exactly once")
	case form.Get("grant_type") == grantCode && (!once("code") || !once("state")):
		err = malformed("code and state must be given exactly once")
	case form.Get("grant_type") == grantCode:
		g, err = a.Identity.SignInByBrowser(r.Context(), form.Get("code"), form.Get("state"), a.proofRequest(r))
	case form.Get("grant_type") != grantJWT:
		err = &identity.Refusal{Reason: identity.GrantUnsupported, What: "only " + grantJWT + " and " + grantCode}
	case !once("assertion"):
		err = malformed("assertion must be given exactly once")
	default:
		g, err = a.Identity.SignIn(r.Context(), form.Get("assertion"), a.proofRequest(r))
	}
	if err != nil {
		a.refuseSignIn(w, r, err)
		return
	}

	answer := struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
		IDToken     string `json:"id_token"`
		Listed      *bool  `json:"revocation_list,omitempty"` // of a sign-in by card
	}{g.AccessToken, "DPoP", int(g.ExpiresIn.Seconds()), g.IDToken, nil}
	if form.Get("grant_type") == grantJWT {
		answer.Listed = &g.Listed
	}
	writeJSON(w, http.StatusOK, answer)
}

// browser answers POST /oauth2/browser: it begins a sign-in by browser.
func (a *API) browser(w http.ResponseWriter, r *http.Request) {
	form, ok := a.form(w, r)
	if !ok {
		return
	}
	if len(form["redirect_uri"]) != 1 {
		a.refuseSignIn(w, r, malformed("redirect_uri must be given exactly once"))
		return
	}
	begun, err := a.Identity.BeginBrowser(r.Context(), form.Get("redirect_uri"), a.proofRequest(r))
	if err != nil {
		a.refuseSignIn(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		URL       string `json:"authorization_url"`
		State     string `json:"state"`
		ExpiresIn int    `json:"expires_in"`
	}{begun.URL, begun.State, int(begun.ExpiresIn.Seconds())})
}

// backchannelLogout answers POST /oauth2/backchannel_logout: 200 also if the token names no session here.
func (a *API) backchannelLogout(w http.ResponseWriter, r *http.Request) {
	form, ok := a.form(w, r)
	if !ok {
		return
	}
	if len(form["logout_token"]) != 1 {
		a.refuseSignIn(w, r, malformed("logout_token must be given exactly once"))
		return
	}
	if err := a.Identity.EndByProvider(r.Context(), form.Get("logout_token"), a.proofRequest(r)); err != nil {
		a.refuseSignIn(w, r, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// revoke answers POST /oauth2/revoke: 200 for any token, or 503 if the session could not be ended.
func (a *API) revoke(w http.ResponseWriter, r *http.Request) {
	form, ok := a.form(w, r)
	if !ok {
		return
	}
	if len(form["token"]) != 1 {
		a.refuseSignIn(w, r, malformed("token must be given exactly once"))
		return
	}
	if err := a.Identity.Revoke(r.Context(), form.Get("token"), a.proofRequest(r)); err != nil {
		a.refuseSignIn(w, r, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func malformed(what string) error {
	return &identity.Refusal{Reason: identity.RequestMalformed, What: what}
}

// form parses a form in the body. It ignores the URL's query, because credentials in a URL may be logged.
func (a *API) form(w http.ResponseWriter, r *http.Request) (url.Values, bool) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" {
		a.refuseSignIn(w, r, malformed("the body is not a form"))
		return nil, false
	}
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			writeJSON(w, http.StatusRequestEntityTooLarge, oauthError{
				Error:       "invalid_request",
				Description: "the body is too large", Reason: string(identity.RequestMalformed),
			})
			return nil, false
		}
		a.refuseSignIn(w, r, malformed("the form cannot be parsed"))
		return nil, false
	}
	return r.PostForm, true
}

// refuseSignIn writes a refusal with its reason, or a failure without its cause.
func (a *API) refuseSignIn(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *identity.Refusal
	id := loggedID(w)
	if !errors.As(err, &refusal) {
		a.Log.ErrorContext(r.Context(), "A sign-in failed because of an internal error.", "request", id, "error", err)
		writeJSON(w, http.StatusServiceUnavailable, oauthError{
			Error:  "temporarily_unavailable",
			Reason: "store_unavailable",
		})
		return
	}

	said := []any{"request", id, "reason", refusal.Reason, "what", refusal.What, "source", a.source(r)}
	if refusal.Certificate != "" {
		said = append(said, "certificate", refusal.Certificate)
	}

	a.Log.WarnContext(r.Context(), "A sign-in was refused.", said...)
	status := http.StatusBadRequest
	switch refusal.Reason {
	case identity.ProviderUnavailable:
		status = http.StatusServiceUnavailable
	case identity.RateLimited:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", seconds(refusal.Wait))
		refusal = &identity.Refusal{Reason: refusal.Reason, What: "too many requests"} // without details
	}

	writeJSON(w, status, oauthError{
		refusal.Reason.OAuthError(), refusal.What, string(refusal.Reason),
		string(refusal.Fault),
	})
}
