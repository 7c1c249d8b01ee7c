// Package holder says whose a smartcard is. Each CA that cards are of has its own way of naming a person in a
// certificate, which the operator sets: a CA that is trusted for some people's cards must not be able to name others.
package holder

import (
	"bytes"
	"cmp"
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
	pool    *x509.CertPool
	list    []*x509.Certificate
	between *x509.CertPool           // those that another CA vouches for
	all     map[[sha256.Size]byte]CA // by SHA-256 of the certificate

	listed map[string]bool // the names, in DER, of those that have a revocation list
}

// NewCAs returns the CAs. The error is a CA, known by its name, for which two ways are set.
func NewCAs(all []CA) (*CAs, error) {
	c := &CAs{pool: x509.NewCertPool(), between: x509.NewCertPool(), all: make(map[[sha256.Size]byte]CA, len(all))}
	named := make(map[string]Naming, len(all))
	for _, ca := range all {
		name := string(ca.Certificate.RawSubject)
		if before, there := named[name]; there && before != ca.Naming {
			return nil, fmt.Errorf("the CA %s is there twice, and its cards cannot name a person by %s and by %s", dn(ca.Certificate.RawSubject), before, ca.Naming)
		}
		named[name] = ca.Naming
		c.pool.AddCert(ca.Certificate)
		c.list = append(c.list, ca.Certificate)
		if !bytes.Equal(ca.Certificate.RawIssuer, ca.Certificate.RawSubject) {
			c.between.AddCert(ca.Certificate)
		}
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

// Between returns a new pool of those that another CA vouches for. Each is trusted by itself; by the pool a card is also
// followed up to the CAs above them.
func (c *CAs) Between() *x509.CertPool { return c.between.Clone() }

// Pool returns the certificates as crypto/x509 wants them.
func (c *CAs) Pool() *x509.CertPool { return c.pool }

// of returns the CAs that vouch for a card, the one next to it first: of those at the ends of its ways, that one says how the
// card names its holder. A CA of the operator's own below an NHS root has its own way, then, whether or not the card brings
// the root along, and nothing that comes with the card is nearer than its own issuer. Those further up follow where theirs is
// the same way. The error is two CAs that are as near and not the same.
func (c *CAs) of(ways [][]*x509.Certificate) ([]CA, error) {
	type end struct {
		CA
		length int
	}
	var ends []end
	for _, way := range ways {
		if ca, known := c.all[sha256.Sum256(way[len(way)-1].Raw)]; known {
			ends = append(ends, end{ca, len(way)})
		}
	}
	if len(ends) == 0 {
		return nil, errors.New("no CA of cards.ca_files vouches for the certificate")
	}
	slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(a.length, b.length) })
	nearest := ends[0]
	var all []CA
	for _, e := range ends {
		switch {
		case e.length == nearest.length && !bytes.Equal(e.Certificate.RawSubject, nearest.Certificate.RawSubject):
			return nil, errors.New("two CAs of cards.ca_files vouch for the certificate, and neither is nearer to it")
		case e.Naming == nearest.Naming:
			all = append(all, e.CA)
		}
	}
	return all, nil
}

// Name returns how a card names its holder, by the way of the CA that vouches for it; ways lead from the card to the CAs.
// The error says why it names nobody, in words of ours and not of the certificate's; of the name, the Kind may be used then.
func (c *CAs) Name(card *x509.Certificate, ways [][]*x509.Certificate) (store.CertificateName, error) {
	names, err := c.Names(card, ways)
	return names[0], err
}

// Names returns Name, and after it the names that the card has by the CAs above the nearest one which have the same way: a
// card that was enrolled while the root alone was in the file is known by them. With an error there is one, of which the Kind
// may be used.
func (c *CAs) Names(card *x509.Certificate, ways [][]*x509.Certificate) ([]store.CertificateName, error) {
	cas, err := c.of(ways)
	if err != nil {
		return []store.CertificateName{{}}, err
	}
	name := store.CertificateName{Kind: string(cas[0].Naming)}
	switch cas[0].Naming {
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
	if err != nil || cas[0].Naming == UUID || cas[0].Naming == SHA256 {
		return []store.CertificateName{name}, err
	}
	name.Issuer = dn(card.RawIssuer)
	var names []store.CertificateName
	for i, ca := range cas {
		name.CA = dn(ca.Certificate.RawSubject)
		if wrong := checkName(name); wrong == nil || i == 0 {
			names, err = append(names, name), errors.Join(err, wrong)
		}
	}
	return slices.Compact(names), err
}

// BySHA256 names a certificate by itself.
func BySHA256(c *x509.Certificate) store.CertificateName {
	sum := sha256.Sum256(c.Raw)
	return store.BySHA256(hex.EncodeToString(sum[:]))
}
