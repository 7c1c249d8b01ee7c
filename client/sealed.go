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

// Sealed is a session on its way through a place that outlasts the process, such as the OS keyring. Its bytes are worth
// stealing: they hold the token and the key that the token is bound to. No fmt verb and no JSON encoder shows them;
// only MarshalBinary gives them.
type Sealed struct{ s sealed }

// sealed is what MarshalBinary writes.
type sealed struct {
	Hub    string             `json:"hub"` // base URL
	Token  string             `json:"token"`
	Key    []byte             `json:"key"` // PKCS #8
	Person Person             `json:"person"`
	Roles  []rbac.RoleProfile `json:"roles"`
	Ends   time.Time          `json:"ends"`
}

// Format hides all of it from every fmt verb.
func (Sealed) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(sealed session)") }

// MarshalJSON refuses: a document is no place for a token.
func (Sealed) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a sealed session does not go into a document")
}

// MarshalBinary returns the secret bytes, for a keyring alone. It does not fail.
func (s Sealed) MarshalBinary() ([]byte, error) { return json.Marshal(s.s) }

// UnmarshalBinary reads what MarshalBinary gave.
func (s *Sealed) UnmarshalBinary(b []byte) error {
	if json.Unmarshal(b, &s.s) != nil { // its error could quote the token
		return errors.New("not a sealed session")
	}
	return nil
}

// Seal packs the session for another process. It stays usable here, and is not over until it is revoked or the hub
// ends it.
func (s *Session) Seal() (Sealed, error) {
	key, err := x509.MarshalPKCS8PrivateKey(s.key.private)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	return Sealed{sealed{Hub: s.hub.base.String(), Token: s.token, Key: key, Person: s.person, Roles: s.roles, Ends: s.ends}}, nil
}

// Resume takes up a sealed session and calls nobody: whether the hub still honours it, the first call tells. The
// error says that it is no session of this hub, is damaged, or has ended by this computer's clock; a token is never
// sent to another hub than the one that gave it.
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
		return nil, errors.New("the sealed session has ended")
	}
	// It was clean when it was sealed; where it has been since, others can write.
	person := Person{UUID: line(s.Person.UUID), Name: name(s.Person.Name)}
	roles := make([]rbac.RoleProfile, len(s.Roles))
	for i, r := range s.Roles {
		roles[i] = rbac.RoleProfile{
			URID: line(r.URID), JobRole: line(r.JobRole), JobName: line(r.JobName), OrgODS: line(r.OrgODS), OrgName: line(r.OrgName),
		}
		for _, code := range r.Activities {
			roles[i].Activities = append(roles[i].Activities, rbac.ActivityCode(line(string(code))))
		}
	}
	return &Session{hub: h, token: s.Token, key: &ProofKey{private: private}, person: person, roles: roles, ends: s.Ends}, nil
}
