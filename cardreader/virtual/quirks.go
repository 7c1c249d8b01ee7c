package virtual

import (
	"slices"
	"strings"
)

// Quirks is a set of deviations of other makers' cards. 0 is a card that follows the standard. Each quirk was seen on
// a card, or is allowed by the standards and known to cause errors in programs.
type Quirks uint32

// Quirks.
const (
	// IgnoresExtendedLe answers an extended command with at most 256 bytes, whatever its Le; the rest is for GET
	// RESPONSE.
	IgnoresExtendedLe Quirks = 1 << iota
	// Steps255 returns at most 255 bytes at a time, like PivApplet.
	Steps255
	// RefusesExtended answers 6D00 to every extended command, although its answer to reset offers them.
	RefusesExtended
	// WrongLengthExtended answers 6700 to every extended command, although its answer to reset offers them.
	WrongLengthExtended
	// ExactLe answers 6Cxx without data if Le is larger than the response.
	ExactLe
	// SendsNothingFirst answers 61xx without data at first, like cards over T=0.
	SendsNothingFirst
	// ClaimsVerified answers 9000 to a query of the verified state, but 6982 to the signature.
	ClaimsVerified
	// SilentTries answers 6A86 to a query of the tries left.
	SilentTries
	// OldTries reports the tries left as 630X, like old YubiKeys.
	OldTries
	// NoDiscovery has no discovery object.
	NoDiscovery
	// NoCHUID has no card holder unique identifier.
	NoCHUID
	// GlobalPrimary requires the global passcode, P2 00, as its discovery object specifies. Its PIV passcode is
	// different.
	GlobalPrimary
	// UnverifiesOnSelect ends the verified state when PIV is selected again.
	UnverifiesOnSelect
	// NoLogOut answers 6A86 to the command to log out, like cards older than SP 800-73-4.
	NoLogOut
	// ShortATR has an answer to reset without extended lengths, and rejects them.
	ShortATR
	// WarmATR has another answer to a warm reset than to power, as ISO 7816-3 allows.
	WarmATR
	// YubicoVersion answers Yubico's GET VERSION command, like YubiKeys. Programs for YubiKeys reject other cards.
	YubicoVersion
	// OverT0 supports T=0 only (ISO 7816-3, section 12.2). A command with data has no Le, and its response is for GET
	// RESPONSE. All other commands need the exact Le. Extended lengths are not supported, and its answer to reset
	// doesn't offer T=1.
	OverT0
	// Contactless behaves like a card read without contact. Only its CHUID, its discovery object and the certificate
	// of 9E can be read, and it accepts no passcode (SP 800-73-4 part 1, table 2). Its answer to reset is the one that
	// PC/SC generates for such cards.
	Contactless
	// NoApplication has no PIV application, like any other kind of card.
	NoApplication

	endOfQuirks
)

// quirkNames are the names for people, in the order of the bits.
var quirkNames = []string{
	"ignores extended Le", "255 bytes a step", "6D00 to extended", "6700 to extended", "6Cxx", "nothing first",
	"claims to be verified", "silent about tries", "tries as 630X", "no discovery object", "no CHUID",
	"global passcode",
	"forgets on SELECT", "cannot log out", "short ATR", "another ATR after a warm reset", "a Yubico version", "T=0",
	"contactless", "no PIV application",
}

// AllQuirks returns all quirks, each as a set of its own.
func AllQuirks() []Quirks {
	var all []Quirks
	for q := Quirks(1); q < endOfQuirks; q <<= 1 {
		all = append(all, q)
	}
	return all
}

// String returns the names of the quirks, such as "6Cxx, no CHUID", or "none".
func (q Quirks) String() string {
	var names []string
	for i, name := range quirkNames {
		if q&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// QuirkNamed returns the quirk with a name as returned by String.
func QuirkNamed(name string) (Quirks, bool) {
	i := slices.Index(quirkNames, name)
	if i < 0 {
		return 0, false
	}
	return 1 << i, true
}

func (c *Card) has(q Quirks) bool { return c.quirks&q != 0 }
