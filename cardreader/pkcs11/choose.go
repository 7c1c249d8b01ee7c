package pkcs11

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strings"
)

// smartcardLogon is Microsoft's extended key usage of certificates for signing in, on NHS and other staff cards.
var smartcardLogon = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 2}

// chosen is the certificate to sign in with, and where it is.
type chosen struct {
	certificate
	parsed *x509.Certificate
}

// choose returns the certificate to sign in with: the one that wanted names by its label or its CKA_ID in hex; else, by
// what the certificates say, one made for signing in before one for signatures in general, and of two alike the one
// that holds longer. CA certificates, those of no use for signatures, and those without CKA_ID, whose key cannot be
// found, do not count.
func choose(all []certificate, wanted string) (chosen, bool) {
	var best chosen
	rank := 0
	for _, c := range all {
		parsed, err := x509.ParseCertificate(c.DER)
		if err != nil || len(c.ID) == 0 {
			continue
		}
		r := fitness(parsed)
		if wanted != "" {
			r = 0
			if named(c, wanted) {
				r = 1
			}
		}
		if r > rank || r == rank && r > 0 && parsed.NotAfter.After(best.parsed.NotAfter) {
			best, rank = chosen{c, parsed}, r
		}
	}
	return best, rank > 0
}

func named(c certificate, wanted string) bool {
	return strings.EqualFold(c.Label, wanted) || strings.EqualFold(hex.EncodeToString(c.ID), wanted)
}

// fitness returns how well a certificate serves for signing in; 0, not at all.
func fitness(c *x509.Certificate) int {
	signs := c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageDigitalSignature != 0
	if c.IsCA || !usable(c.PublicKey) || !signs {
		return 0
	}
	forSignIn := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth) ||
		slices.ContainsFunc(c.UnknownExtKeyUsage, smartcardLogon.Equal)
	switch {
	case forSignIn && c.KeyUsage != 0:
		return 4
	case forSignIn:
		return 3
	case len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0: // made for something else
		return 1
	}
	return 2
}

// slotsFor returns the slots that may hold the card in the reader. Most modules name a slot after its reader, cut off
// at 64 bytes: then only that one counts. Others name it otherwise, and every slot with a token may be it.
func slotsFor(slots []Slot, reader string) []Slot {
	var ours, others []Slot
	named := false
	for _, s := range slots {
		is := isReader(s.Description, reader)
		named = named || is
		switch {
		case s.Token == nil:
		case is:
			ours = append(ours, s)
		default:
			others = append(others, s)
		}
	}
	if named {
		return ours
	}
	return others
}

// slotNameLength is that of CK_SLOT_INFO's description, in bytes.
const slotNameLength = 64

func isReader(description, reader string) bool {
	if len(reader) > slotNameLength {
		reader = reader[:slotNameLength]
	}
	return description != "" && strings.TrimSpace(description) == strings.TrimSpace(reader)
}
