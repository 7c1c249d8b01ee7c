package cards

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"wardlight/hub/store"
)

// Extensions that change the meaning of a list (RFC 5280 §5.2 and §5.3).
var (
	deltaIndicator    = asn1.ObjectIdentifier{2, 5, 29, 27}
	distributionPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
	certificateIssuer = asn1.ObjectIdentifier{2, 5, 29, 29}
)

// reasons are the reasons of revocations (RFC 5280 §5.3.1).
var reasons = map[int]string{
	1: "keyCompromise", 2: "cACompromise", 3: "affiliationChanged", 4: "superseded", 5: "cessationOfOperation",
	6: "certificateHold",
	9: "privilegeWithdrawn", 10: "aACompromise",
}

// removedFromList is the reason of an entry that revokes nothing.
const removedFromList = 8

// ParseLists parses one or more revocation lists in PEM, or one in DER.
func ParseLists(file []byte) ([]*x509.RevocationList, error) {
	blocks, err := blocksOf(file)
	if err != nil {
		return nil, err
	}

	if len(blocks) == 0 {
		l, err := parseList(file)
		if err != nil {
			return nil, err
		}
		return []*x509.RevocationList{l}, nil
	}

	var all []*x509.RevocationList
	for _, block := range blocks {
		if block.Type != "X509 CRL" {
			return nil, fmt.Errorf("it has a %s block, which is not a revocation list", block.Type)
		}
		l, err := parseList(block.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}

	return all, nil
}

func parseList(der []byte) (*x509.RevocationList, error) {
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, fmt.Errorf("it is not a revocation list: %w", err)
	}

	for _, e := range l.Extensions {
		switch {
		case e.Id.Equal(deltaIndicator):
			return nil, errors.New("it is a delta list; the full list is required")
		case e.Id.Equal(distributionPoint):
			if err := checkScope(e.Value); err != nil {
				return nil, err
			}
		}
	}

	for _, revoked := range l.RevokedCertificateEntries {
		for _, e := range revoked.Extensions {
			if e.Id.Equal(certificateIssuer) {
				return nil, errIndirect
			}
		}
	}

	return l, nil
}

var errIndirect = errors.New("it revokes certificates of other CAs; each CA's own list is required")

// checkScope returns an error if an IssuingDistributionPoint is of an indirect list.
func checkScope(value []byte) error {
	var scope struct {
		Point      asn1.RawValue  `asn1:"optional,tag:0"`
		Users      bool           `asn1:"optional,tag:1"`
		CAs        bool           `asn1:"optional,tag:2"`
		Some       asn1.BitString `asn1:"optional,tag:3"`
		Indirect   bool           `asn1:"optional,tag:4"`
		Attributes bool           `asn1:"optional,tag:5"`
	}
	if _, err := asn1.Unmarshal(value, &scope); err != nil {
		return errors.New("its scope (issuing distribution point) cannot be parsed")
	}
	if scope.Indirect {
		return errIndirect
	}
	return nil
}

// errUnsigned means that no trusted CA has signed the list.
var errUnsigned = errors.New("it is not signed by a CA of the bundle")

// signed returns an error unless a CA of the bundle has signed the list.
func signed(l *x509.RevocationList, cas []*x509.Certificate) error {
	why := errUnsigned
	for _, ca := range cas {
		if !bytes.Equal(ca.RawSubject, l.RawIssuer) {
			continue
		}
		if err := l.CheckSignatureFrom(ca); err == nil {
			return nil
		}
		why = fmt.Errorf("%w: the signature is not valid for %s", errUnsigned, ca.Subject)
	}
	return why
}

// current returns an error if the list is out of date. The list is used all the same.
func current(l *x509.RevocationList, now time.Time) error {
	if !l.NextUpdate.IsZero() && now.After(l.NextUpdate) {
		return fmt.Errorf("the list of %s should have been replaced by %s", l.Issuer,
			l.NextUpdate.UTC().Format(time.RFC3339))
	}
	return nil
}

// revocations returns the list's entries as revocations at now. A certificate on hold counts as revoked.
func revocations(l *x509.RevocationList, now time.Time) []store.Revocation {
	issuer := l.Issuer.String()
	all := make([]store.Revocation, 0, len(l.RevokedCertificateEntries))
	for _, e := range l.RevokedCertificateEntries {
		if e.ReasonCode == removedFromList {
			continue
		}
		all = append(all, store.Revocation{
			Certificate: store.Certificate{Issuer: issuer, Serial: e.SerialNumber.Text(16)}, At: now,
			Reason: reasons[e.ReasonCode],
		})
	}
	return all
}

// entryHash is a hash of an entry, which takes less memory than the entry.
type entryHash [16]byte

func entryHashOf(c store.Certificate) entryHash {
	sum := sha256.Sum256([]byte(c.Issuer + "\x00" + c.Serial))
	return entryHash(sum[:16])
}
