package pkcs11

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/text"
)

// smartcardLogon is Microsoft's extended key usage for smartcard logon, in certificates of NHS and other staff cards.
var smartcardLogon = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 2}

// chosen is the certificate to sign in with, and its slot.
type chosen struct {
	certificate
	parsed *x509.Certificate
}

// choose returns the certificate to sign in with at that time. If wanted is not empty, it is the one with this label
// or this CKA_ID in hex. Otherwise it is the best according to better. CA certificates, certificates not for
// signatures, and certificates without a CKA_ID, whose key cannot be found, are ignored.
//
// The error is a *cardreader.Error. Its kind is KeyUnsupported if certificates were ignored only for the kind of their
// key, otherwise NoCertificate. If wanted matches nothing, the error lists the certificates on the card.
func choose(all []certificate, wanted string, now time.Time) (chosen, error) {
	var best chosen
	var named []string
	found, kind := false, cardreader.NoCertificate
	for _, c := range all {
		parsed, err := x509.ParseCertificate(c.DER)
		if err != nil || len(c.ID) == 0 {
			continue
		}

		named = append(named, fmt.Sprintf("%q (%s)", text.Clean(c.Label, maxLabel), hex.EncodeToString(c.ID)))
		switch {
		case wanted != "" && !isNamed(c, wanted), wanted == "" && suitability(parsed) == 0:
			continue
		case !usable(parsed.PublicKey):
			kind = cardreader.KeyUnsupported
			continue
		}

		if this := (chosen{c, parsed}); !found || better(this, best, now) {
			best, found = this, true
		}
	}

	if found {
		return best, nil
	}

	e := &cardreader.Error{Kind: kind, Err: fmt.Errorf("%d certificates, none to sign in with", len(all))}
	if wanted != "" && kind == cardreader.NoCertificate && named != nil {
		e.Detail = fmt.Sprintf("The setting card.certificate names %q, and this card has no such certificate. It "+
			"has %s.",
			text.Clean(wanted, maxLabel), strings.Join(named[:min(len(named), maxListed)], ", "))
		e.Hint = "Ask support to put the setting card.certificate right."
	}

	return chosen{}, e
}

// maxCAs is the maximum number of a card's CA certificates that are used.
const maxCAs = 16

// casIn returns the CA certificates in the slot.
func casIn(all []certificate, slot uint) []*x509.Certificate {
	var cas []*x509.Certificate
	for _, c := range all {
		if c.Slot != slot || len(cas) == maxCAs {
			continue
		}
		if parsed, err := x509.ParseCertificate(c.DER); err == nil && parsed.BasicConstraintsValid && parsed.IsCA {
			cas = append(cas, parsed)
		}
	}
	return cas
}

// Maximum number of certificates listed in an error, and maximum length of each label, in characters.
const (
	maxListed = 8
	maxLabel  = 40
)

// better reports whether a is preferred to b. The first criterion is the private key: most modules show private keys
// only after the login, but if a module shows others and not this one, the key is missing. The further criteria are,
// in this order: valid already; made for signing in; with a visible public key, which only some cards have; the later
// expiry.
func better(a, b chosen, now time.Time) bool {
	for _, rule := range []func(chosen) int{
		func(c chosen) int { return one(c.Private) },
		func(c chosen) int { return one(!now.Before(c.parsed.NotBefore)) },
		func(c chosen) int { return suitability(c.parsed) },
		func(c chosen) int { return one(c.Public) },
	} {
		if x, y := rule(a), rule(b); x != y {
			return x > y
		}
	}
	return a.parsed.NotAfter.After(b.parsed.NotAfter)
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func isNamed(c certificate, wanted string) bool {
	return strings.EqualFold(c.Label, wanted) || strings.EqualFold(hex.EncodeToString(c.ID), wanted)
}

// suitability returns how suitable a certificate is for signing in, apart from its key. 0 means unsuitable.
func suitability(c *x509.Certificate) int {
	signs := c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageDigitalSignature != 0
	if c.IsCA || !signs {
		return 0
	}
	forSignIn := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth) ||
		slices.ContainsFunc(c.UnknownExtKeyUsage, smartcardLogon.Equal)
	switch {
	case forSignIn && c.KeyUsage != 0:
		return 4
	case forSignIn:
		return 3
	case len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0: // for another purpose
		return 1
	}
	return 2
}

// slotsOf returns the slots that may contain the card in the reader. Most modules name a slot after its reader,
// truncated to 64 bytes; if there is such a slot, it is the only one. Otherwise every slot with a token is returned.
func slotsOf(slots []Slot, reader string) []Slot {
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

// slotNameLength is the length of the description in CK_SLOT_INFO, in bytes.
const slotNameLength = 64

// isReader reports whether a slot's description is the name of the reader. Modules may truncate the name within a
// character. The helper's JSON then has U+FFFD for each byte of the incomplete character.
func isReader(description, reader string) bool {
	if len(reader) > slotNameLength {
		reader = reader[:slotNameLength]
	}
	name := strings.TrimSpace(string([]rune(reader)))
	return description != "" && strings.TrimSpace(string([]rune(description))) == name
}
