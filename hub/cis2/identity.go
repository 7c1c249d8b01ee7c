package cis2

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"wardlight/hub/staff"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// Limits of the claims.
const (
	maxRoles      = 200
	maxActivities = 200
	maxName       = 128
	maxID         = 256 // of sub, sid and acr
)

// Identity is a person whom the provider has authenticated.
type Identity struct {
	Person      store.Person // with the roles of this sign-in; Version is 0
	Subject     string       // sub
	SID         string       // sid, the provider's session; "" if it names none
	ACR         string
	AMR         []string
	IDToken     string // as received, for token exchange
	IDTokenEnds time.Time
}

// level is an assurance level, which CIS2 writes as a string.
type level int

// UnmarshalJSON parses a level, as a string or as a number.
func (l *level) UnmarshalJSON(b []byte) error {
	n, err := strconv.Atoi(string(bytes.Trim(b, `"`)))
	*l = level(n)
	return err
}

// tokenClaims are the claims of the ID token that this package checks.
type tokenClaims struct {
	AZP            string   `json:"azp"`
	ACR            string   `json:"acr"`
	AMR            []string `json:"amr"`
	AuthTime       int64    `json:"auth_time"`
	SID            string   `json:"sid"`
	Authentication level    `json:"authentication_assurance_level"`
	Identity       level    `json:"id_assurance_level"`
	personClaims
}

// personClaims are the claims about the person, in the ID token or in userinfo.
type personClaims struct {
	User       string  `json:"nhsid_useruid"`
	Selected   string  `json:"selected_roleid"`
	Name       string  `json:"name"`
	Title      string  `json:"title"`
	GivenName  string  `json:"given_name"`
	FamilyName string  `json:"family_name"`
	Roles      []nrbac `json:"nhsid_nrbac_roles"`
	Orgs       []org   `json:"nhsid_user_orgs"`
}

// nrbac is a role of nhsid_nrbac_roles.
type nrbac struct {
	OrgID    string   `json:"person_orgid"`
	URID     string   `json:"person_roleid"`
	OrgCode  string   `json:"org_code"`
	RoleName string   `json:"role_name"`
	RoleCode string   `json:"role_code"`
	Codes    []string `json:"activity_codes"`
}

// org is an organisation of nhsid_user_orgs.
type org struct {
	Code string `json:"org_code"`
	Name string `json:"org_name"`
}

// check checks a verified ID token (OpenID Connect Core §3.1.3.7): the nonce, the authorised party, the access token's
// hash, the age of the authentication, and the assurance levels.
func (p *Provider) check(token *oidc.IDToken, access, nonce string) (tokenClaims, error) {
	var c tokenClaims
	invalid := func(what string) (tokenClaims, error) { return tokenClaims{}, failed(Invalid, what) }
	if err := token.Claims(&c); err != nil {
		return invalid("the claims of the ID token are malformed")
	}

	now := p.Clock()
	switch {
	case nonce == "" || token.Nonce != nonce:
		return invalid("the nonce of the ID token is another one")
	case c.AZP != "" && c.AZP != p.ClientID, len(token.Audience) > 1 && c.AZP == "":
		return invalid("the ID token was issued to another client")
	case token.AccessTokenHash != "" && token.VerifyAccessToken(access) != nil:
		return invalid("the access token does not belong to the ID token")
	case token.IssuedAt.After(now.Add(clockLeeway)):
		return invalid("the ID token was issued in the future: compare the clocks of the hub and the provider")
	case token.Subject == "" || len(token.Subject) > maxID || len(c.SID) > maxID || len(c.ACR) > maxID:
		return invalid("the subject of the ID token is missing, or sid or acr is too long")
	case c.AuthTime == 0:
		return invalid("the ID token has no auth_time, although max_age was asked for")
	}

	age := now.Sub(time.Unix(c.AuthTime, 0))
	switch {
	case age < -clockLeeway:
		return invalid("auth_time is in the future: compare the clocks of the hub and the provider")
	case age > p.MaxAge+clockLeeway:
		return c, failed(TooOld, fmt.Sprintf("the person authenticated %s ago; max_age is %s", age.Round(time.Second),
			p.MaxAge))
	case int(c.Authentication) < p.MinAuthentication:
		return c, failed(TooWeak, fmt.Sprintf("authentication_assurance_level is %d; %d is required", c.Authentication,
			p.MinAuthentication))
	case int(c.Identity) < p.MinIdentity:
		return c, failed(TooWeak, fmt.Sprintf("id_assurance_level is %d; %d is required", c.Identity, p.MinIdentity))
	}

	return c, nil
}

// identity returns the person with the roles. Claims of userinfo replace those of the ID token, except for the person's
// ID, which must be the same in both.
func (p *Provider) identity(c tokenClaims, token *oidc.IDToken, info *oidc.UserInfo) (Identity, error) {
	if info.Subject != token.Subject {
		return Identity{}, failed(Invalid, "userinfo is about another subject")
	}
	said := c.personClaims
	if err := info.Claims(&said); err != nil {
		return Identity{}, failed(Invalid, "the claims of userinfo are malformed")
	}

	switch {
	case !nhs.IsUserID(said.User):
		return Identity{}, failed(Invalid, "nhsid_useruid is not a user ID of twelve digits")
	case c.User != "" && said.User != c.User:
		return Identity{}, failed(Invalid, "nhsid_useruid differs between the ID token and userinfo")
	case len(said.Roles) > maxRoles || len(said.Orgs) > maxRoles:
		return Identity{}, failed(Invalid, "there are too many roles")
	}

	person := store.Person{
		UUID: said.User, Title: words(said.Title), Given: words(said.GivenName),
		Family: cmp.Or(words(said.FamilyName), words(said.Name)),
	}
	if person.Family == "" {
		return Identity{}, failed(Invalid, "the person has no name: the client needs the scope profile")
	}

	var err error
	if person.Roles, err = p.roles(said); err != nil {
		return Identity{}, err
	}

	id := Identity{Person: person, Subject: token.Subject, SID: c.SID, ACR: words(c.ACR)}
	for _, method := range c.AMR[:min(len(c.AMR), 10)] {
		id.AMR = append(id.AMR, words(method))
	}
	return id, nil
}

// roles returns the roles that the session may use: only the selected one if the person has selected one at the
// provider, and only those at accepted organisations. It leaves out a role whose IDs or codes do not have their forms.
func (p *Provider) roles(said personClaims) ([]store.Role, error) {
	names := make(map[string]string, len(said.Orgs))
	for _, o := range said.Orgs {
		names[o.Code] = words(o.Name)
	}

	found := false
	var all []store.Role
	for _, r := range said.Roles {
		if said.Selected != "" && r.URID != said.Selected {
			continue
		}
		found = true
		role := store.Role{
			OrgID: words(r.OrgID), RoleName: words(r.RoleName),
			RoleProfile: rbac.RoleProfile{
				URID: r.URID, JobRole: r.RoleCode, JobName: words(rbac.LastName(r.RoleName)), OrgODS: r.OrgCode,
				OrgName: names[r.OrgCode],
			},
		}
		role.JobName = cmp.Or(role.JobName, rbac.JobName(role.JobRoleCode()))
		for _, code := range r.Codes[:min(len(r.Codes), maxActivities)] {
			if a := rbac.ActivityCode(code); staff.IsActivityCode(code) && !slices.Contains(role.Activities, a) {
				role.Activities = append(role.Activities, a)
			}
		}

		taken := slices.ContainsFunc(all, func(o store.Role) bool { return o.URID == role.URID })
		accepted := len(p.Organisations) == 0 || slices.Contains(p.Organisations, role.OrgODS)
		if !taken && accepted && staff.IsRole(role) {
			all = append(all, role)
		}
	}

	if said.Selected != "" && !found {
		return nil, failed(Invalid, "selected_roleid is none of the person's roles")
	}
	return all, nil
}

// words returns a text of the provider without control characters.
func words(s string) string { return text.Clean(strings.Join(strings.Fields(s), " "), maxName) }
