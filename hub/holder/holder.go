// Package holder determines to whom a smartcard belongs. The operator configures for each CA how its certificates name
// a person. A CA that is trusted for some people's cards must not be able to name others.
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

// Naming is how certificates of a CA name a person.
type Naming string

// Values of Naming. A certificate that is enrolled by its SHA-256 belongs to its person whatever the naming.
const (
	UUID    Naming = "uuid"    // by the common name: the person's 12 digits, as on NHS smartcards
	SHA256  Naming = "sha256"  // not at all: each certificate is enrolled by its SHA-256
	UPN     Naming = "upn"     // by CA, issuer and the user principal name among the subject's alternative names
	URI     Naming = "uri"     // by CA, issuer and the UUID (urn:uuid:…) among the subject's alternative names
	Subject Naming = "subject" // by CA, issuer and the whole name of the subject
)

// Namings returns all values.
func Namings() []Naming { return []Naming{UUID, SHA256, UPN, URI, Subject} }

// ParseNaming parses a naming. The error lists the valid values.
func ParseNaming(word string) (Naming, error) {
	if n := Naming(word); slices.Contains(Namings(), n) {
		return n, nil
	}
	all := make([]string, len(Namings()))
	for i, n := range Namings() {
		all[i] = string(n)
	}
	return "", fmt.Errorf("%q is not a supported way in which certificates name a person: %s", word,
		strings.Join(all, ", "))
}

// CA is a CA whose cards may sign in.
type CA struct {
	Certificate *x509.Certificate
	Naming      Naming
}

// CAs is the set of CAs whose cards may sign in.
type CAs struct {
	pool    *x509.CertPool
	list    []*x509.Certificate
	between *x509.CertPool           // certificates that another CA has issued
	all     map[[sha256.Size]byte]CA // by SHA-256 of the certificate

	listed map[string]bool // raw subjects of CAs with a revocation list
}

// NewCAs returns a set of CAs. It returns an error if two of them have the same name and different namings.
func NewCAs(all []CA) (*CAs, error) {
	c := &CAs{pool: x509.NewCertPool(), between: x509.NewCertPool(), all: make(map[[sha256.Size]byte]CA, len(all))}
	named := make(map[string]Naming, len(all))
	for _, ca := range all {
		name := string(ca.Certificate.RawSubject)
		if before, there := named[name]; there && before != ca.Naming {
			return nil, fmt.Errorf("the CA %s is listed twice: its cards cannot name a person both by %s and by %s",
				dn(ca.Certificate.RawSubject), before, ca.Naming)
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

// Listing returns a copy with the raw subjects of the CAs whose revocation list is in use.
func (c *CAs) Listing(names map[string]bool) *CAs {
	with := *c
	with.listed = names
	return &with
}

// Listed returns the raw subjects of the CAs whose revocation list is in use.
func (c *CAs) Listed() map[string]bool { return c.listed }

// HasList reports whether a revocation list of the card's issuer is in use.
func (c *CAs) HasList(card *x509.Certificate) bool { return c.listed[string(card.RawIssuer)] }

// Only returns a set with a single CA.
func Only(certificate *x509.Certificate, naming Naming) *CAs {
	c, err := NewCAs([]CA{{certificate, naming}})
	if err != nil {
		panic(err) // a single CA can't conflict
	}
	return c
}

// Certificates returns the CA certificates.
func (c *CAs) Certificates() []*x509.Certificate { return c.list }

// Between returns a new pool of the certificates that another CA has issued. Each is trusted by itself; the pool is
// used to find paths to the CAs above them.
func (c *CAs) Between() *x509.CertPool { return c.between.Clone() }

// Pool returns the certificates as a pool for crypto/x509.
func (c *CAs) Pool() *x509.CertPool { return c.pool }

// of returns the trusted CAs at the ends of a card's paths, the nearest one first. The nearest one determines the
// naming, so an operator's CA below an NHS root has its own naming, whether or not the card presents the root, and no
// certificate that the card presents is nearer than the card's issuer. The others follow if they have the same naming.
// It returns an error for two different CAs at the same distance.
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
		return nil, errors.New("the certificate is not issued by a CA of cards.ca_files")
	}

	slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(a.length, b.length) })
	nearest := ends[0]
	var all []CA
	for _, e := range ends {
		switch {
		case e.length == nearest.length && !bytes.Equal(e.Certificate.RawSubject, nearest.Certificate.RawSubject):
			return nil, errors.New("the certificate chains to two CAs of cards.ca_files at the same distance")
		case e.Naming == nearest.Naming:
			all = append(all, e.CA)
		}
	}

	return all, nil
}

// Name returns the holder's name in a card by the nearest CA's naming. ways are paths from the card to CAs. The error
// says why there is no name, without text of the certificate. The Kind of the result is valid in that case too.
func (c *CAs) Name(card *x509.Certificate, ways [][]*x509.Certificate) (store.CertificateName, error) {
	names, err := c.Names(card, ways)
	return names[0], err
}

// Names returns Name's result, followed by the names by the CAs above the nearest one with the same naming, because a
// card may have been enrolled while only the root was in the file. With an error it returns one name, of which only
// the Kind is valid.
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

// BySHA256 returns the name of a certificate by its SHA-256.
func BySHA256(c *x509.Certificate) store.CertificateName {
	sum := sha256.Sum256(c.Raw)
	return store.BySHA256(hex.EncodeToString(sum[:]))
}
