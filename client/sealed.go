package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"wardlight/rbac"
)

// Sealed is a session in a form that can be stored outside the process, such as in the OS keyring. It contains the
// token and the key that the token is bound to, so it must be kept secret. No fmt verb or JSON encoder prints it; only
// MarshalBinary returns its bytes.
type Sealed struct{ s sealed }

// sealed is the format of MarshalBinary.
type sealed struct {
	Hub    string             `json:"hub"` // base URL
	Token  string             `json:"token"`
	Key    []byte             `json:"key"` // PKCS #8
	Person Person             `json:"person"`
	Roles  []rbac.RoleProfile `json:"roles"`
	Ends   time.Time          `json:"ends"`
}

// Format writes a fixed text for every fmt verb.
func (Sealed) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(sealed session)") }

// MarshalJSON returns an error, because a document must not contain a token.
func (Sealed) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a sealed session does not go into a document")
}

// MarshalBinary returns the secret bytes, for a keyring only. It does not fail.
func (s Sealed) MarshalBinary() ([]byte, error) { return json.Marshal(s.s) }

// UnmarshalBinary parses the bytes of MarshalBinary.
func (s *Sealed) UnmarshalBinary(b []byte) error {
	if json.Unmarshal(b, &s.s) != nil { // the JSON error could contain the token
		return errors.New("not a sealed session")
	}
	return nil
}

// Seal returns the session for use by another process. The session remains usable here too, until it is revoked or the
// hub ends it.
func (s *Session) Seal() (Sealed, error) {
	key, err := x509.MarshalPKCS8PrivateKey(s.key.private)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	return Sealed{sealed{
		Hub: s.hub.base.String(), Token: s.token, Key: key, Person: s.person, Roles: s.roles,
		Ends: s.ends,
	}}, nil
}

// Resume returns the session in from. It makes no calls; the first call shows whether the hub still accepts the
// session. The error is that the session is another hub's, is malformed, or, with [ErrSessionEnded], has ended by this
// computer's clock. A token is never sent to a hub other than the one that issued it.
func (h *Hub) Resume(from Sealed) (*Session, error) {
	s := from.s
	parsed, err := x509.ParsePKCS8PrivateKey(s.Key)
	private, isEC := parsed.(*ecdsa.PrivateKey)
	switch {
	case err != nil, !isEC, private.Curve != elliptic.P256(), !isToken(s.Token):
		return nil, errors.New("the sealed session is damaged")
	case s.Hub != h.base.String():
		return nil, errors.New("the sealed session is of another hub")
	case !h.clock().Before(s.Ends):
		return nil, fmt.Errorf("the sealed session: %w", ErrSessionEnded)
	}

	// The texts were clean when the session was sealed, but others may have changed them in the store.
	person := Person{UUID: line(s.Person.UUID), Name: name(s.Person.Name)}
	roles := make([]rbac.RoleProfile, len(s.Roles))
	for i, r := range s.Roles {
		roles[i] = rbac.RoleProfile{
			URID: line(r.URID), JobRole: line(r.JobRole), JobName: line(r.JobName), OrgODS: line(r.OrgODS),
			OrgName: line(r.OrgName),
		}
		for _, code := range r.Activities {
			roles[i].Activities = append(roles[i].Activities, rbac.ActivityCode(line(string(code))))
		}
	}

	return &Session{
		hub: h, token: s.Token, key: &ProofKey{private: private}, person: person, roles: roles,
		ends: s.Ends,
	}, nil
}
