// Package holder says whose a smartcard is. Each CA that cards are of has its own way of naming a person in a
// certificate, which the operator sets: a CA that is trusted for some people's cards must not be able to name others.
package holder

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wardlight/hub/store"
)

// Naming is how the certificates of a CA name a person.
type Naming string

// The ways. A certificate that a person was enrolled with by its SHA-256 is theirs whatever its CA's way is.
const (
	UUID    Naming = "uuid"    // by the common name: the person's 12 digits, as on NHS smartcards
	SHA256  Naming = "sha256"  // not at all: each certificate is enrolled by its SHA-256
	UPN     Naming = "upn"     // by CA, issuer and the user principal name among the subject's alternative names
	URI     Naming = "uri"     // by CA, issuer and the UUID (urn:uuid:…) among the subject's alternative names
	Subject Naming = "subject" // by CA, issuer and the whole name of the subject
)

// Namings lists all ways.
func Namings() []Naming { return []Naming{UUID, SHA256, UPN, URI, Subject} }

// ParseNaming reads a way. The error says which there are.
func ParseNaming(word string) (Naming, error) {
	if n := Naming(word); slices.Contains(Namings(), n) {
		return n, nil
	}
	all := make([]string, len(Namings()))
	for i, n := range Namings() {
		all[i] = string(n)
	}
	return "", fmt.Errorf("%q is not a way in which certificates name a person: %s", word, strings.Join(all, ", "))
}

// CA is a CA whose cards may sign in.
type CA struct {
	Certificate *x509.Certificate
	Naming      Naming
}

// CAs are the CAs whose cards may sign in.
type CAs struct {
	pool *x509.CertPool
	list []*x509.Certificate
	all  map[[sha256.Size]byte]CA // by SHA-256 of the certificate

	listed map[string]bool // the names, in DER, of those that have a revocation list
}

// NewCAs returns the CAs. The error is a CA, known by its name, for which two ways are set.
func NewCAs(all []CA) (*CAs, error) {
	c := &CAs{pool: x509.NewCertPool(), all: make(map[[sha256.Size]byte]CA, len(all))}
	named := make(map[string]Naming, len(all))
	for _, ca := range all {
		name := string(ca.Certificate.RawSubject)
		if before, there := named[name]; there && before != ca.Naming {
			return nil, fmt.Errorf("the CA %s is there twice, and its cards cannot name a person by %s and by %s", dn(ca.Certificate.RawSubject), before, ca.Naming)
		}
		named[name] = ca.Naming
		c.pool.AddCert(ca.Certificate)
		c.list = append(c.list, ca.Certificate)
		c.all[sha256.Sum256(ca.Certificate.Raw)] = ca
	}
	return c, nil
}

// Listing returns the CAs with the names, in DER, of those whose revocation list is in force.
func (c *CAs) Listing(names map[string]bool) *CAs {
	with := *c
	with.listed = names
	return &with
}

// Listed returns the names, in DER, of the CAs whose revocation list is in force.
func (c *CAs) Listed() map[string]bool { return c.listed }

// HasList reports whether a revocation list of the CA that issued the card is in force.
func (c *CAs) HasList(card *x509.Certificate) bool { return c.listed[string(card.RawIssuer)] }

// Only returns a CA alone.
func Only(certificate *x509.Certificate, naming Naming) *CAs {
	c, err := NewCAs([]CA{{certificate, naming}})
	if err != nil {
		panic(err) // one CA has one way
	}
	return c
}

// Certificates returns them.
func (c *CAs) Certificates() []*x509.Certificate { return c.list }

// Pool returns the certificates as crypto/x509 wants them.
func (c *CAs) Pool() *x509.CertPool { return c.pool }

// of returns the CA that vouches for a card: of those at the ends of its ways, the one next to it. A CA of the operator's
// own below an NHS root has its own way, then, whether or not the card brings the root along. The error is two CAs that
// are as near and not the same.
func (c *CAs) of(ways [][]*x509.Certificate) (CA, error) {
	var nearest CA
	length := 0
	for _, way := range ways {
		ca, known := c.all[sha256.Sum256(way[len(way)-1].Raw)]
		switch {
		case !known:
		case length == 0 || len(way) < length:
			nearest, length = ca, len(way)
		case len(way) == length && !bytes.Equal(ca.Certificate.RawSubject, nearest.Certificate.RawSubject):
			return CA{}, errors.New("two CAs of cards.ca_files vouch for the certificate, and neither is nearer to it")
		}
	}
	if length == 0 {
		return CA{}, errors.New("no CA of cards.ca_files vouches for the certificate")
	}
	return nearest, nil
}

// Name returns how a card names its holder, by the way of the CA that vouches for it; ways lead from the card to the CAs.
// The error says why it names nobody, in words of ours and not of the certificate's; of the name, the Kind may be used then.
func (c *CAs) Name(card *x509.Certificate, ways [][]*x509.Certificate) (store.CertificateName, error) {
	ca, err := c.of(ways)
	if err != nil {
		return store.CertificateName{}, err
	}
	name := store.CertificateName{Kind: string(ca.Naming)}
	switch ca.Naming {
	case UUID:
		name.Name, err = twelveDigits(card)
	case SHA256:
		name = BySHA256(card)
	case UPN:
		name.Name, err = principal(card)
	case URI:
		name.Name, err = uuidURI(card)
	case Subject:
		name.Name = dn(card.RawSubject)
	}
	if err != nil || ca.Naming == UUID || ca.Naming == SHA256 {
		return name, err
	}
	name.CA, name.Issuer = dn(ca.Certificate.RawSubject), dn(card.RawIssuer)
	return name, checkName(name)
}

// BySHA256 names a certificate by itself.
func BySHA256(c *x509.Certificate) store.CertificateName {
	sum := sha256.Sum256(c.Raw)
	return store.BySHA256(hex.EncodeToString(sum[:]))
}
