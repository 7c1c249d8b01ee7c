package virtual

import (
	"slices"
	"strings"
)

// Quirks are the ways in which cards of other makers differ from ours, several at once: 0 is a card that does
// everything by the book. Each was seen on a card, or is allowed by the standards and known to trip programs.
type Quirks uint32

// The quirks.
const (
	// IgnoresExtendedLe answers an extended command with 256 bytes at most, whatever its Le, and the rest by GET RESPONSE.
	IgnoresExtendedLe Quirks = 1 << iota
	// Steps255 gives 255 bytes at a time, as PivApplet does.
	Steps255
	// RefusesExtended answers 6D00 to every extended command though its answer to reset offers them.
	RefusesExtended
	// WrongLengthExtended answers 6700 to every extended command though its answer to reset offers them.
	WrongLengthExtended
	// ExactLe answers 6Cxx, and no data, unless Le is what there is, or less.
	ExactLe
	// SendsNothingFirst answers 61xx and no data at first, as cards do over T=0.
	SendsNothingFirst
	// ClaimsVerified answers 9000 when it is asked whether the passcode is verified, and 6982 to the signature all the
	// same.
	ClaimsVerified
	// SilentTries answers 6A86 when it is asked for the tries left.
	SilentTries
	// OldTries counts tries as old YubiKeys do: 630X.
	OldTries
	// NoDiscovery has no discovery object.
	NoDiscovery
	// NoCHUID has no card holder unique identifier.
	NoCHUID
	// GlobalPrimary wants the global passcode, P2 00, as its discovery object says; its PIV passcode is another one.
	GlobalPrimary
	// ForgetsOnSelect forgets the verified passcode when PIV is selected again.
	ForgetsOnSelect
	// NoLogOut is older than SP 800-73-4: 6A86 to the command to log out.
	NoLogOut
	// ShortATR says nothing of extended lengths, and refuses them.
	ShortATR
	// WarmATR answers a warm reset otherwise than power, as ISO 7816-3 allows.
	WarmATR
	// YubicoVersion answers Yubico's own GET VERSION, as YubiKeys do: programs made for these take no card without it.
	YubicoVersion
	// OverT0 speaks T=0 (ISO 7816-3, section 12.2): a command with data has no Le, and its response data wait for GET
	// RESPONSE; the card asks for the exact Le of all others, and knows no extended lengths. Its answer to reset offers no T=1.
	OverT0
	// Contactless is read over the air: it shows its CHUID, its discovery object and the certificate of 9E alone, and takes no
	// passcode (SP 800-73-4 part 1, table 2). Its answer to reset is the one that PC/SC makes up for such cards.
	Contactless
	// NoApplication has no PIV application: another kind of card.
	NoApplication

	endOfQuirks
)

// quirkNames are what a person calls them, in order of their bits.
var quirkNames = []string{
	"ignores extended Le", "255 bytes a step", "6D00 to extended", "6700 to extended", "6Cxx", "nothing first",
	"claims to be verified", "silent about tries", "tries as 630X", "no discovery object", "no CHUID", "global passcode",
	"forgets on SELECT", "cannot log out", "short ATR", "another ATR after a warm reset", "a Yubico version", "T=0", "contactless", "no PIV application",
}

// AllQuirks lists each quirk by itself.
func AllQuirks() []Quirks {
	var all []Quirks
	for q := Quirks(1); q < endOfQuirks; q <<= 1 {
		all = append(all, q)
	}
	return all
}

// String names the quirks: "6Cxx, no CHUID"; "none".
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

// QuirkNamed returns the quirk that String calls so, for lists that people write.
func QuirkNamed(name string) (Quirks, bool) {
	i := slices.Index(quirkNames, name)
	if i < 0 {
		return 0, false
	}
	return 1 << i, true
}

func (c *Card) has(q Quirks) bool { return c.quirks&q != 0 }
