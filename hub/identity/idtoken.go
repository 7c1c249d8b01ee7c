package identity

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"wardlight/hub/store"
)

// claims are the CIS2 claims in an id_token (identity-service userinfo, scopes nationalrbacaccess and associatedorgs).
type claims struct {
	jwt.Claims
	AuthTime   int64     `json:"auth_time"`
	ACR        string    `json:"acr"`
	AMR        []string  `json:"amr"`
	UserUID    string    `json:"nhsid_useruid"`
	Name       string    `json:"name"`
	Title      string    `json:"title,omitempty"`
	GivenName  string    `json:"given_name"`
	FamilyName string    `json:"family_name"`
	Roles      []nrbac   `json:"nhsid_nrbac_roles"`
	Orgs       []userOrg `json:"nhsid_user_orgs"`
}

type nrbac struct {
	OrgID      string   `json:"person_orgid,omitempty"`
	URID       string   `json:"person_roleid"`
	OrgCode    string   `json:"org_code"`
	RoleName   string   `json:"role_name"`
	RoleCode   string   `json:"role_code"`
	Activities []string `json:"activities,omitempty"`
	Codes      []string `json:"activity_codes,omitempty"`
}

type userOrg struct {
	Code string `json:"org_code"`
	Name string `json:"org_name"`
}

// The class and the method of a sign-in by card, as CIS2 names them.
const (
	cardACR = "AAL3_ANY"
	cardAMR = "N3_SMARTCARD"
)

// signedInBy is the class and the methods of a sign-in.
type signedInBy struct {
	acr string
	amr []string
}

// idToken returns a signed token with the person and the roles.
func (s *Service) idToken(p store.Person, x store.Session, by signedInBy) (string, error) {
	c := claims{
		Claims: jwt.Claims{
			Issuer: s.issuer, Subject: p.UUID, Audience: jwt.Audience{s.issuer},
			IssuedAt: jwt.NewNumericDate(x.Started), Expiry: jwt.NewNumericDate(x.Expires), ID: s.newID(),
		},
		AuthTime: x.Started.Unix(),
		ACR:      by.acr,
		AMR:      by.amr,
		UserUID:  p.UUID,
		Name:     strings.TrimSpace(strings.ToUpper(p.Family) + " " + p.Given + " " + p.Title),
		Title:    p.Title, GivenName: p.Given, FamilyName: strings.ToUpper(p.Family),
		Roles: []nrbac{}, Orgs: []userOrg{},
	}

	named := make(map[string]bool)
	for _, r := range p.Roles {
		n := nrbac{
			OrgID: r.OrgID, URID: r.URID, OrgCode: r.OrgODS, RoleName: r.RoleName, RoleCode: r.JobRole,
		}
		if n.RoleName == "" {
			n.RoleName = `"` + r.JobName + `"`
		}

		for _, a := range r.Activities {
			n.Codes = append(n.Codes, string(a))
			n.Activities = append(n.Activities, a.Name())
		}

		c.Roles = append(c.Roles, n)
		if !named[r.OrgODS] {
			named[r.OrgODS] = true
			c.Orgs = append(c.Orgs, userOrg{r.OrgODS, r.OrgName})
		}
	}

	token, err := jwt.Signed(s.signer).Claims(c).Serialize() //nolint:misspell // go-jose's spelling
	if err != nil {
		return "", fmt.Errorf("id_token: %w", err)
	}

	return token, nil
}

// sessionEnd returns the end of a session that starts now: after limit, or earlier, when the certificate expires.
func sessionEnd(now time.Time, limit time.Duration, certificateEnds time.Time) time.Time {
	end := now.Add(limit)
	if certificateEnds.Before(end) {
		return certificateEnds
	}
	return end
}
