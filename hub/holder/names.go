package holder

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

const maxNames = 2000 // bytes of a name with CA and issuer; PostgreSQL can index 2700

var (
	subjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}
	principalName  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3} // Microsoft's szOID_NT_PRINCIPAL_NAME

	uuidForm = regexp.MustCompile(`^urn:uuid:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`)
)

// twelveDigits returns the UUID in the common name of an NHS smartcard.
func twelveDigits(c *x509.Certificate) (string, error) {
	cn := c.Subject.CommonName
	if !nhs.IsUserID(cn) {
		return "", errors.New("the common name is not a UUID of 12 digits")
	}
	return cn, nil
}

// uuidURI returns the only UUID in the subject alternative names, in lower case.
func uuidURI(c *x509.Certificate) (string, error) {
	var found []string
	for _, u := range c.URIs {
		if at := uuidForm.FindStringSubmatch(strings.ToLower(u.String())); at != nil {
			found = append(found, at[1])
		}
	}
	return one(found, "UUID (urn:uuid:…)")
}

// principal returns the only user principal name in the subject alternative names, which crypto/x509 doesn't parse:
// GeneralName is [0] { type-id, [0] EXPLICIT UTF8String } (RFC 5280 §4.2.1.6).
func principal(c *x509.Certificate) (string, error) {
	var found []string
	for _, e := range c.Extensions {
		if !e.Id.Equal(subjectAltName) {
			continue
		}

		var all []asn1.RawValue
		if rest, err := asn1.Unmarshal(e.Value, &all); err != nil || len(rest) > 0 {
			return "", errors.New("the subject's alternative names cannot be parsed")
		}

		for _, name := range all {
			if name.Class != asn1.ClassContextSpecific || name.Tag != 0 {
				continue
			}
			var id asn1.ObjectIdentifier
			rest, err := asn1.Unmarshal(name.Bytes, &id)
			if err != nil || !id.Equal(principalName) {
				continue
			}
			value, err := utf8String(rest)
			if err != nil {
				return "", errors.New("the user principal name cannot be parsed")
			}
			found = append(found, value)
		}
	}

	return one(found, "user principal name")
}

// utf8String parses [0] EXPLICIT UTF8String.
func utf8String(der []byte) (string, error) {
	var outer, inner asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return "", err
	}
	rest, err := asn1.Unmarshal(outer.Bytes, &inner)
	if err != nil {
		return "", err
	}
	if outer.Class != asn1.ClassContextSpecific || outer.Tag != 0 || inner.Class != asn1.ClassUniversal ||
		inner.Tag != asn1.TagUTF8String ||
		len(rest) > 0 || !utf8.Valid(inner.Bytes) {
		return "", errors.New("it is not a UTF8String with the tag 0")
	}
	return string(inner.Bytes), nil
}

// one returns the only name. Several names are an error, because it is unknown which is meant.
func one(found []string, what string) (string, error) {
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", errors.New("the certificate has no " + what)
	default:
		return "", errors.New("the certificate has more than one " + what)
	}
}

// dn returns a distinguished name in RFC 2253 form with its attributes in order. pkix.Name.String changes the order,
// so that different names could become equal.
func dn(raw []byte) string {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(raw, &name); err != nil || len(rest) > 0 {
		return hex.EncodeToString(raw)
	}
	return name.String()
}

// checkName returns an error for a name with non-printing characters, because two such names could be stored as the
// same.
func checkName(n store.CertificateName) error {
	if len(n.CA)+len(n.Issuer)+len(n.Name) > maxNames {
		return errors.New("the certificate's names are too long")
	}
	for _, part := range []string{n.CA, n.Issuer, n.Name} {
		if strings.TrimSpace(part) == "" || text.Clean(part, maxNames) != part {
			return errors.New("the certificate's names are empty, or contain characters that cannot be printed")
		}
	}
	return nil
}
