package virtual

import (
	"bytes"
	"crypto/subtle"
)

// The passcode of PIV (SP 800-73-4 part 2, sections 2.4.3 and 3.2.1).
const (
	passcodeReference = 0x80
	passcodeField     = 8 // bytes of VERIFY's data: the digits, padded with FF
)

// validPasscode: 6 to 8 digits.
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

// verify checks the passcode, tells the tries left (no data), or logs out (P1 = FF). Data that cannot be a passcode
// cost no try.
func (c *Card) verify(cmd command) uint16 {
	if cmd.p2 != passcodeReference {
		return swNoReference
	}
	switch {
	case cmd.p1 == 0xFF && len(cmd.data) == 0:
		c.verified = false
		return swOK
	case cmd.p1 != 0:
		return swBadParameters
	case len(cmd.data) == 0:
		return c.verifyStatus()
	case c.left == 0:
		return swBlocked
	case len(cmd.data) != passcodeField || !validPasscode(bytes.TrimRight(cmd.data, "\xFF")):
		return swBadData
	}
	c.verified = subtle.ConstantTimeCompare(bytes.TrimRight(cmd.data, "\xFF"), c.passcode) == 1
	if c.verified {
		c.left = c.tries
		return swOK
	}
	c.left--
	return swTries | uint16(c.left)
}

func (c *Card) verifyStatus() uint16 {
	switch {
	case c.verified:
		return swOK
	case c.left == 0:
		return swBlocked
	}
	return swTries | uint16(c.left)
}
