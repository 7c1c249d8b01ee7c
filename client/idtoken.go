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

// Maximum lengths of texts from the hub, in runes. They are well above the limits of the NHS interfaces.
const (
	maxName  = 128
	maxLine  = 256
	maxRoles = 200 // a token with more roles is rejected
)

// idClaims are the CIS2 claims that this package uses (CIS2 user information; see docs/api.md, Sign-in).
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

// clientID is the audience of id_tokens from hubs that address them to a client. The reference hub addresses them to
// itself.
const clientID = "wardlight"

// expected contains the values that an id_token must have. It must not have expired.
type expected struct {
	subject string   // the card's holder; "" for any person with a UUID, who is known by the browser's sign-in only
	origins []string // scheme and host of permitted issuers: the hub, under its own address or the one that was called
	now     time.Time
}

// originOf returns the scheme and host of a URL, in lower case.
func originOf(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// readIDToken returns person and roles from an id_token. It doesn't verify the signature: the token came directly from
// the hub over TLS, which is sufficient (OpenID Connect Core §3.1.3.7, rule 6). The error names no person.
func readIDToken(token string, want expected) (Person, []rbac.RoleProfile, error) {
	// Any of these algorithms may be used, but not "none" and no shared secret.
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512,
		jose.EdDSA,
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
	case c.Subject == "" || c.User != c.Subject || c.Subject != want.subject &&
		(isUUID(want.subject) || !isUUID(c.Subject)):
		return Person{}, nil, errors.New("id_token is about another person")
	case origin == "" || !slices.Contains(want.origins, origin):
		return Person{}, nil, errors.New("id_token is of another issuer")
	case !slices.ContainsFunc(c.Audience, func(a string) bool {
		return a == clientID || slices.Contains(want.origins, originOf(a))
	}):
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

// isUUID reports whether text is a person's UUID: twelve digits. If a card's certificate has none, the hub identifies
// the person by the certificate.
func isUUID(text string) bool {
	return len(text) == 12 && strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// displayName returns the name as "SAMPLE, Ada (Ms)", or the hub's display name if it has no parts.
func (c *idClaims) displayName() string {
	family, given := name(c.FamilyName), name(c.GivenName)
	if family == "" && given == "" && name(c.Name) != "" {
		return name(c.Name)
	}
	return nhs.DisplayName(family, []string{given}, name(c.Title))
}

// profiles returns the role profiles in the hub's order.
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
			URID: r.URID, JobRole: line(r.RoleCode), JobName: line(rbac.LastName(r.RoleName)),
			OrgODS: line(r.Org), OrgName: orgs[r.Org],
		}
		for _, code := range r.Codes {
			p.Activities = append(p.Activities, rbac.ActivityCode(line(code)))
		}
		roles = append(roles, p)
	}

	return roles, nil
}

// isURID reports whether s has the form of a role profile's id: digits, as issued by Spine.
func isURID(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}

// name returns a part of a person's name, cleaned.
func name(s string) string { return text.Clean(strings.TrimSpace(s), maxName) }

// line returns a line of text, cleaned.
func line(s string) string { return text.Clean(strings.TrimSpace(s), maxLine) }
