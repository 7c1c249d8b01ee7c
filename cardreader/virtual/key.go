package virtual

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"
)

// keyReference is the PIV authentication key. cardAuthentication is the key that needs no passcode (SP 800-73-4 part
// 1, table 4b).
const (
	keyReference       = 0x9A
	cardAuthentication = 0x9E
)

// certificateObjects maps keys to the data objects with their certificates (SP 800-73-4 part 1, table 3).
var certificateObjects = map[byte]string{
	keyReference: "\x5F\xC1\x05", 0x9C: "\x5F\xC1\x0A", 0x9D: "\x5F\xC1\x0B", cardAuthentication: "\x5F\xC1\x01",
}

// key is a key that the card signs with.
type key struct {
	signer    crypto.Signer
	algorithm byte // SP 800-78-4, table 6-2
	size      int  // bytes of an RSA block, or of a curve's coordinate
}

func newKey(signer crypto.Signer) (key, error) {
	switch k := signer.(type) {
	case *rsa.PrivateKey:
		switch bits := k.N.BitLen(); bits {
		case 1024:
			return key{k, 0x06, 128}, nil
		case 2048:
			return key{k, 0x07, 256}, nil
		case 3072:
			return key{k, 0x05, 384}, nil
		default:
			return key{}, fmt.Errorf("a virtual card has no RSA key of %d bits", bits)
		}
	}

	if public, ok := signer.Public().(*ecdsa.PublicKey); ok {
		switch public.Curve {
		case elliptic.P256():
			return key{signer, 0x11, 32}, nil
		case elliptic.P384():
			return key{signer, 0x14, 48}, nil
		}
	}

	return key{}, fmt.Errorf("a virtual card has no key of type %T", signer)
}

// authenticate signs in response to GENERAL AUTHENTICATE with an empty object 82 and the challenge in 81 (SP 800-73-4
// part 2, section 3.2.4). Mutual authentication with the card management key is not implemented.
func (c *Card) authenticate(cmd command) ([]byte, uint16) {
	k, there := c.keys[cmd.p2]
	if !there {
		return nil, swNoReference
	}
	if cmd.p1 != k.algorithm {
		return nil, swBadParameters
	}
	if !c.verified && cmd.p2 != cardAuthentication {
		return nil, swNotSatisfied
	}
	challenge, ok := challengeOf(cmd.data)
	if !ok {
		return nil, swBadData
	}
	signature, ok := k.sign(c, challenge)
	if !ok {
		return nil, swBadData
	}
	return object(0x7C, object(0x82, signature)), swOK
}

// challengeOf parses the template 7C {82 (empty), 81 (challenge)}, with its objects in either order.
func challengeOf(template []byte) ([]byte, bool) {
	tag, body, rest, ok := readObject(template)
	if !ok || tag != 0x7C || len(rest) != 0 {
		return nil, false
	}

	var challenge []byte
	asked := false
	for len(body) > 0 {
		var value []byte
		if tag, value, body, ok = readObject(body); !ok {
			return nil, false
		}
		switch {
		case tag == 0x81:
			challenge = value
		case tag == 0x82 && len(value) == 0:
			asked = true
		default:
			return nil, false
		}
	}

	return challenge, asked && len(challenge) > 0
}

// sign performs the chip's operation: raw RSA on a whole block, or ECDSA on a digest no longer than the curve.
func (k key) sign(c *Card, challenge []byte) ([]byte, bool) {
	private, isRSA := k.signer.(*rsa.PrivateKey)
	if !isRSA {
		if len(challenge) > k.size {
			return nil, false
		}
		signature, err := k.signer.Sign(c.rand, challenge, digestLength(len(challenge)))
		return signature, err == nil
	}
	if len(challenge) != k.size {
		return nil, false
	}
	message := new(big.Int).SetBytes(challenge)
	if message.Cmp(private.N) >= 0 {
		return nil, false
	}
	return message.Exp(message, private.D, private.N).FillBytes(make([]byte, k.size)), true
}

// digestLength returns the hash with digests of n bytes, which some crypto.Signers require, or 0 if there is none.
func digestLength(n int) crypto.SignerOpts {
	switch n {
	case 32:
		return crypto.SHA256
	case 48:
		return crypto.SHA384
	}
	return crypto.Hash(0)
}
