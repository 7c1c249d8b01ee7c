// Package openidtest runs an independent OpenID provider (npm oidc-provider, certified), and a browser that signs in
// at it without pages. It is for tests only.
package openidtest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/process"
	"wardlight/internal/need"
)

//go:embed serve.mjs
var script string

// modules is the folder in which make installs the provider.
const modules = ".bin/openid/node_modules"

// startTimeout is the timeout for it to start.
const startTimeout = time.Minute

// The client that the provider knows.
const (
	ClientID     = "wardlight-hub-test"
	ClientSecret = "a secret of the tests only, with more than 32 characters"
)

// User is a person who can sign in. The claims are added to those that OpenID Connect requires.
type User struct {
	Subject  string         `json:"sub,omitempty"` // "" means the login
	Token    map[string]any `json:"token"`         // claims of the ID token
	UserInfo map[string]any `json:"userinfo"`      // claims of userinfo
}

// Provider is a running provider.
type Provider struct {
	Issuer string
}

// Start starts a provider with users by their logins. It is stopped at the end of the test. If it is not installed, the
// test is skipped, or fails with CI=true.
func Start(tb testing.TB, users map[string]User) *Provider {
	tb.Helper()
	node := need.Program(tb, "node", "install nodejs")
	root, err := need.Module()
	if err != nil {
		tb.Fatal(err)
	}

	folder := filepath.Join(root, modules)
	need.File(tb, filepath.Join(folder, "oidc-provider"), "run make need-openid")
	given, err := json.Marshal(map[string]any{"clientID": ClientID, "clientSecret": ClientSecret, "users": users})
	if err != nil {
		tb.Fatal(err)
	}

	said, complaints := new(process.Tail), new(process.Tail)
	arguments := []string{"--input-type=module", "--eval", script, folder, string(given)}
	cmd := exec.Command(node, arguments...) //nolint:noctx // killed below
	cmd.Stdout, cmd.Stderr = said, complaints
	started, err := process.Start(cmd)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(started.Kill)

	p := &Provider{}
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	if err := started.Until(ctx, 10*time.Millisecond, func(context.Context) error {
		issuer, ready := strings.CutSuffix(said.String(), " is ready")
		if ready {
			p.Issuer = issuer
			return nil
		}
		return errors.New("it has not reported its address")
	}); err != nil {
		tb.Fatalf("starting oidc-provider: %v\n%s", err, complaints)
	}
	return p
}

// LogoutURI sets the address to which the provider posts logout tokens.
func (p *Provider) LogoutURI(tb testing.TB, uri string) {
	tb.Helper()
	p.call(tb, "/test/logout-uri", url.Values{"uri": {uri}})
}

// Logout makes the provider post a logout token of a subject and a session.
func (p *Provider) Logout(tb testing.TB, subject, sid string) {
	tb.Helper()
	p.call(tb, "/test/logout", url.Values{"sub": {subject}, "sid": {sid}})
}

func (p *Provider) call(tb testing.TB, path string, query url.Values) {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, p.Issuer+path+"?"+query.Encode(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		tb.Fatalf("%s: status %d: %s", path, res.StatusCode, body)
	}
}

// Browser signs in as a user, as a browser does whose user types nothing wrong.
type Browser struct {
	Login string // "" for a user who ends the sign-in
}

// Visit opens an address, follows its redirects and returns the last answer's body. It follows the redirect to the
// terminal, too, unless stop is set: then it returns that address.
func (b Browser) Visit(ctx context.Context, address string, stop bool) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}

	last := ""
	client := &http.Client{
		Jar: jar, Timeout: startTimeout,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 10 {
				return errors.New("too many redirects")
			}
			if stop && r.URL.Path == "/callback" {
				last = r.URL.String()
				return http.ErrUseLastResponse
			}
			return nil
		},
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("X-Login", b.Login) // net/http sends it again after each redirect
	if b.Login == "" {
		req.Header.Set("X-Deny", "1")
	}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return "", err
	case last != "":
		return last, nil
	case res.StatusCode != http.StatusOK:
		return "", fmt.Errorf("status %d: %s", res.StatusCode, body)
	}
	return string(body), nil
}

// Nurse returns a user with one role at the organisation RX1, whose codes are those given.
func Nurse(uuid, urid string, codes ...string) User {
	return User{
		Token: map[string]any{
			"nhsid_useruid": uuid, "id_assurance_level": "3", "authentication_assurance_level": "3",
		},
		UserInfo: map[string]any{
			"nhsid_useruid": uuid, "name": "Sample Ada Ms", "title": "Ms", "given_name": "Ada", "family_name": "Sample",
			"nhsid_user_orgs":   []map[string]any{{"org_code": "RX1", "org_name": "EXAMPLE GENERAL HOSPITAL"}},
			"nhsid_nrbac_roles": []map[string]any{Role(urid, "RX1", codes...)},
		},
	}
}

// Role returns a role of nhsid_nrbac_roles.
func Role(urid, organisation string, codes ...string) map[string]any {
	return map[string]any{
		"person_orgid": "555000000999", "person_roleid": urid, "org_code": organisation,
		"role_name": `"Clinical":"Clinical Provision":"Nurse Access Role"`, "role_code": "S8000:G8000:R8001",
		"activity_codes": codes,
	}
}
