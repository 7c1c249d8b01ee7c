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

// smartcardLogon is Microsoft's extended key usage of certificates for signing in, on NHS and other staff cards.
var smartcardLogon = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 2}

// chosen is the certificate to sign in with, and where it is.
type chosen struct {
	certificate
	parsed *x509.Certificate
}

// choose returns the certificate to sign in with at that time: the one that wanted names by its label or its CKA_ID in
// hex; else the best by what the certificates say. CA certificates, those of no use for signatures, and those without
// CKA_ID, whose key cannot be found, do not count.
//
// The error is a *cardreader.Error: KeyUnsupported where all that keeps a certificate from counting is the kind of its key,
// NoCertificate else. Where wanted names nothing on the card it lists what there is.
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
		case wanted != "" && !isNamed(c, wanted), wanted == "" && fitness(parsed) == 0:
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
		e.Detail = fmt.Sprintf("The setting card.certificate names %q, and this card has no such certificate. It has %s.",
			text.Clean(wanted, maxLabel), strings.Join(named[:min(len(named), maxListed)], ", "))
		e.Hint = "Ask support to put the setting card.certificate right."
	}
	return chosen{}, e
}

// maxCAs is the most of a card's CA certificates that are taken.
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

// The most of a card's certificates that a sentence lists, and of each one's label, in characters.
const (
	maxListed = 8
	maxLabel  = 40
)

// better reports whether a is to be chosen before b. Their keys come first: most modules show private keys only after the
// login, but one that shows some and not that of a certificate says that the card has none for it. Then one that is
// valid already, one made for signing in, one whose public key is there, which only some cards have, and the one that
// holds longer.
func better(a, b chosen, now time.Time) bool {
	for _, rule := range []func(chosen) int{
		func(c chosen) int { return one(c.Private) },
		func(c chosen) int { return one(!now.Before(c.parsed.NotBefore)) },
		func(c chosen) int { return fitness(c.parsed) },
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

// fitness returns how well a certificate serves for signing in, whatever its key; 0, not at all.
func fitness(c *x509.Certificate) int {
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

// isReader reports whether a slot's description is the name of the reader. Modules cut it at a byte, which may be in the middle
// of a character, and the helper's JSON has U+FFFD for each byte of a broken one.
func isReader(description, reader string) bool {
	if len(reader) > slotNameLength {
		reader = reader[:slotNameLength]
	}
	name := strings.TrimSpace(string([]rune(reader)))
	return description != "" && strings.TrimSpace(string([]rune(description))) == name
}
