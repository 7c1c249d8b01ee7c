package hubtest

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// begunSignIn is a sign-in by browser that has begun.
type begunSignIn struct {
	redirect, thumbprint, code string
}

// browser begins a sign-in by browser. The address is this hub's own, in place of CIS2's.
func (h *Hub) browser(w http.ResponseWriter, r *http.Request) {
	thumbprint, err := h.proof(r, "")
	if err != nil {
		RefuseSignIn(w, r, http.StatusBadRequest, "invalid_dpop_proof", "proof_invalid")
		return
	}
	state := rand.Text()
	h.mu.Lock()
	h.begun[state] = &begunSignIn{redirect: r.PostFormValue("redirect_uri"), thumbprint: thumbprint}
	h.mu.Unlock()
	write(w, r, http.StatusOK, "application/json", map[string]any{
		"authorization_url": h.URL + "/authorize?" + url.Values{"state": {state}}.Encode(), "state": state,
		"expires_in": 300,
	})
}

// authorize signs the visitor in at once, and returns to the terminal with a code.
func (h *Hub) authorize(w http.ResponseWriter, r *http.Request) {
	state := r.URL.Query().Get("state")
	h.mu.Lock()
	defer h.mu.Unlock()
	begun := h.begun[state]
	if begun == nil {
		http.Error(w, "unknown state", http.StatusBadRequest)
		return
	}
	begun.code = rand.Text()
	http.Redirect(w, r, begun.redirect+"?"+url.Values{"state": {state}, "code": {begun.code}}.Encode(),
		http.StatusFound)
}

// redeemed checks the code of a sign-in by browser. It returns the reason for a refusal, or "".
func (h *Hub) redeemed(r *http.Request, thumbprint string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	state := r.PostFormValue("state")
	begun := h.begun[state]
	delete(h.begun, state)
	switch {
	case begun == nil:
		return "state_unknown"
	case begun.thumbprint != thumbprint:
		return "proof_invalid"
	case begun.code == "" || begun.code != r.PostFormValue("code"):
		return "provider_refused"
	}
	return ""
}

// BrowserPerson is the UUID of the person who signs in by browser.
const BrowserPerson = "999000000111"

// Browser is a browser whose user signs in at once. The zero value can't open addresses with TLS; see [Hub.Browser].
type Browser struct {
	client *http.Client
	// Missing is the error of Available, or nil.
	Missing error
	// OnOpen is called instead of visiting the address; nil visits it.
	OnOpen func(ctx context.Context, address string) error
}

// Browser returns a browser that trusts the hub.
func (h *Hub) Browser() *Browser {
	return &Browser{client: &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: h.Roots, MinVersion: tls.VersionTLS12},
	}}}
}

// Available returns b.Missing.
func (b *Browser) Available() error { return b.Missing }

// Open visits the address and follows the redirects.
func (b *Browser) Open(ctx context.Context, address string) error {
	if b.OnOpen != nil {
		return b.OnOpen(ctx, address)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return errors.New("the browser got " + res.Status)
	}
	return nil
}

// Return returns to the terminal from an address of [Hub.Browser]'s, with the right state and other parameters instead
// of a code.
func (h *Hub) Return(ctx context.Context, address string, instead url.Values) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	state := u.Query().Get("state")
	h.mu.Lock()
	begun := h.begun[state]
	h.mu.Unlock()
	if begun == nil {
		return errors.New("hubtest: unknown state")
	}
	query := url.Values{"state": {state}}
	for name, values := range instead {
		query[name] = values
	}
	return (&Browser{client: http.DefaultClient}).Open(ctx, begun.redirect+"?"+query.Encode())
}
