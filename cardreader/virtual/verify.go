package virtual

import (
	"bytes"
	"crypto/subtle"
)

// Passcode lengths of PIV (SP 800-73-4 part 2, sections 2.4.3 and 3.2.1).
const (
	passcodeReference = 0x80
	globalReference   = 0x00
	passcodeField     = 8 // bytes of VERIFY's data: the digits, padded with FF
)

// validPasscode reports whether p has 6 to 8 digits.
func validPasscode(p []byte) bool {
	if len(p) < 6 || len(p) > passcodeField {
		return false
	}
	for _, b := range p {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

// verify checks the passcode, returns the tries left (no data), or logs out (P1 = FF). Data that cannot be a passcode
// use no try.
func (c *Card) verify(cmd command) uint16 {
	passcode, left := c.passcode, &c.triesLeft
	switch {
	case c.has(Contactless):
		return swNotSupported
	case cmd.p2 == passcodeReference && c.has(GlobalPrimary):
		passcode, left = otherPasscode, &c.pivTriesLeft
	case cmd.p2 == passcodeReference, cmd.p2 == globalReference && c.has(GlobalPrimary):
	default:
		return swNoReference
	}

	switch {
	case cmd.p1 == 0xFF && len(cmd.data) == 0:
		if c.has(NoLogOut) {
			return swBadParameters
		}
		c.verified = false
		return swOK
	case cmd.p1 != 0:
		return swBadParameters
	case len(cmd.data) == 0:
		return c.verifyStatus(*left)
	case *left == 0:
		return swBlocked
	case len(cmd.data) != passcodeField || !validPasscode(bytes.TrimRight(cmd.data, "\xFF")):
		return swBadData
	}

	c.verified = subtle.ConstantTimeCompare(bytes.TrimRight(cmd.data, "\xFF"), passcode) == 1
	if c.verified {
		*left = c.tries
		return swOK
	}

	*left--
	return c.triesStatus(*left)
}

func (c *Card) verifyStatus(left int) uint16 {
	switch {
	case c.has(SilentTries):
		return swBadParameters
	case c.verified, c.has(ClaimsVerified):
		return swOK
	case left == 0:
		return swBlocked
	}
	return c.triesStatus(left)
}

func (c *Card) triesStatus(left int) uint16 {
	if c.has(OldTries) && left > 0 {
		return swOldTries | uint16(left)
	}
	return swTries | uint16(left)
}
