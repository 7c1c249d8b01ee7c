package client

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// The lengths, in runes, that are kept of text from the hub. All are well above what the NHS interfaces allow.
const (
	maxName  = 128
	maxLine  = 256
	maxRoles = 200 // a person with more roles than this is not one person
)

// idClaims are the CIS2 claims that are read (CIS2 user information; see docs/api.md, Sign-in).
type idClaims struct {
	jwt.Claims
	User       string `json:"nhsid_useruid"`
	Name       string `json:"name"`
	Title      string `json:"title"`
	GivenName  string `json:"given_name"`
	FamilyName string `json:"family_name"`
	Roles      []struct {
		URID     string   `json:"person_roleid"`
		Org      string   `json:"org_code"`
		RoleName string   `json:"role_name"`
		RoleCode string   `json:"role_code"`
		Codes    []string `json:"activity_codes"`
	} `json:"nhsid_nrbac_roles"`
	Orgs []struct {
		Code string `json:"org_code"`
		Name string `json:"org_name"`
	} `json:"nhsid_user_orgs"`
}

// clientID is what this program goes by where a hub gives its id_tokens to clients by name; the reference hub addresses
// them to itself.
const clientID = "wardlight"

// expected is what an id_token must say.
type expected struct {
	subject string
	origins []string // scheme and host of who may have issued it
	now     time.Time
}

// expectedOf returns what the id_token of a sign-in must say: it is about the card's holder, issued by the hub (under
// the address that it goes by itself, or the one that it was called by), and has not ended.
func (h *Hub) expectedOf(c Challenge, subject string) expected {
	return expected{subject: subject, origins: []string{originOf(c.Audience), originOf(h.base.String())}, now: h.clock()}
}

// originOf returns the scheme and host of a URL, in small letters.
func originOf(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// readIDToken takes person and roles from an id_token. Its signature is not checked here: the token came straight from
// the hub over TLS, which stands in for it (OpenID Connect Core §3.1.3.7, rule 6). The error names no person.
func readIDToken(token string, want expected) (Person, []rbac.RoleProfile, error) {
	// Which algorithms may sign is the hub's affair here; "none" and shared secrets are still refused.
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	})
	if err != nil {
		return Person{}, nil, errors.New("id_token is not a signed JWT")
	}
	var c idClaims
	if parsed.UnsafeClaimsWithoutVerification(&c) != nil {
		return Person{}, nil, errors.New("id_token has no readable claims")
	}
	origin := originOf(c.Issuer)
	switch {
	case c.Subject == "" || c.User != c.Subject || c.Subject != want.subject && (isUUID(want.subject) || !isUUID(c.Subject)):
		return Person{}, nil, errors.New("id_token is about another person")
	case origin == "" || !slices.Contains(want.origins, origin):
		return Person{}, nil, errors.New("id_token is of another issuer")
	case !slices.ContainsFunc(c.Audience, func(a string) bool { return a == clientID || slices.Contains(want.origins, originOf(a)) }):
		return Person{}, nil, errors.New("id_token is for another audience")
	case c.Expiry == nil || want.now.After(c.Expiry.Time().Add(maxSkew)):
		return Person{}, nil, errors.New("id_token has ended")
	case len(c.Roles) > maxRoles || len(c.Orgs) > maxRoles:
		return Person{}, nil, errors.New("id_token has too many roles")
	}
	roles, err := c.profiles()
	if err != nil {
		return Person{}, nil, err
	}
	return Person{UUID: line(c.Subject), Name: c.displayName()}, roles, nil
}

// isUUID tells whether text is a person's UUID: twelve digits. A card whose certificate does not carry one is known
// to the hub by the certificate, and then it is the hub who says whose it is.
func isUUID(text string) bool {
	return len(text) == 12 && strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// displayName returns the person as "SAMPLE, Ada (Ms)"; the hub's own form of the name when it gives no parts.
func (c *idClaims) displayName() string {
	family, given := name(c.FamilyName), name(c.GivenName)
	if family == "" && given == "" && name(c.Name) != "" {
		return name(c.Name)
	}
	return nhs.DisplayName(family, []string{given}, name(c.Title))
}

// profiles returns the roles in the hub's order.
func (c *idClaims) profiles() ([]rbac.RoleProfile, error) {
	orgs := make(map[string]string, len(c.Orgs))
	for _, o := range c.Orgs {
		orgs[o.Code] = line(o.Name)
	}
	seen := make(map[string]bool, len(c.Roles))
	roles := make([]rbac.RoleProfile, 0, len(c.Roles))
	for _, r := range c.Roles {
		if !isURID(r.URID) || seen[r.URID] {
			return nil, errors.New("id_token has a role without an id of its own")
		}
		seen[r.URID] = true
		p := rbac.RoleProfile{
			URID: r.URID, JobRole: line(r.RoleCode), JobName: jobName(r.RoleName),
			OrgODS: line(r.Org), OrgName: orgs[r.Org],
		}
		for _, code := range r.Codes {
			p.Activities = append(p.Activities, rbac.ActivityCode(line(code)))
		}
		roles = append(roles, p)
	}
	return roles, nil
}

// isURID tells whether s can be a role profile's id: digits, as Spine gives them out.
func isURID(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}

// jobName returns the last part of a role's name: 'Nurse Access Role' of '"Clinical":"Clinical Provision":"Nurse
// Access Role"'.
func jobName(s string) string {
	s = strings.TrimSpace(s)
	s = strings.TrimSuffix(s, `"`)
	if i := strings.LastIndex(s, `":"`); i >= 0 {
		s = s[i+3:]
	}
	return line(strings.Trim(s, `"`))
}

// name cleans a part of a person's name.
func name(s string) string { return text.Clean(strings.TrimSpace(s), maxName) }

// line cleans any other line of text.
func line(s string) string { return text.Clean(strings.TrimSpace(s), maxLine) }
