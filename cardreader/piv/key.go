package piv

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"

	"wardlight/cardreader"
)

// key9A is the reference of the PIV authentication key (SP 800-73-4 part 1, table 4b).
const key9A = 0x9A

// key is the card's authentication key as described by its certificate. The card itself is not queried, since some
// cards don't answer.
type key struct {
	algorithm byte // P1 of GENERAL AUTHENTICATE (SP 800-78-4, table 6-2)
	size      int  // length in bytes of the block that the card signs
	public    crypto.PublicKey
}

// keyOf returns the key for a certificate's public key. The error is KeyUnsupported for all but RSA-1024, RSA-2048,
// RSA-3072, P-256 and P-384.
func keyOf(public crypto.PublicKey) (key, error) {
	switch public := public.(type) {
	case *rsa.PublicKey:
		switch public.N.BitLen() {
		case 1024: // on old cards; the hub decides whether to accept it
			return key{0x06, 128, public}, nil
		case 2048:
			return key{0x07, 256, public}, nil
		case 3072:
			return key{0x05, 384, public}, nil
		}
	case *ecdsa.PublicKey:
		switch public.Curve {
		case elliptic.P256():
			return key{0x11, 32, public}, nil
		case elliptic.P384():
			return key{0x14, 48, public}, nil
		}
	}
	return key{}, &cardreader.Error{Kind: cardreader.KeyUnsupported, Err: fmt.Errorf("key of type %T", public)}
}

// digestInfo maps hashes to the DER prefix of a digest in PKCS #1 v1.5 (RFC 8017, section 9.2, note 1).
var digestInfo = map[crypto.Hash][]byte{
	crypto.SHA256: {
		0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
		0x00, 0x04, 0x20,
	},
	crypto.SHA384: {
		0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05,
		0x00, 0x04, 0x30,
	},
	crypto.SHA512: {
		0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05,
		0x00, 0x04, 0x40,
	},
}

// block returns the input of the card's signature. For RSA it is the complete PKCS #1 v1.5 block (RFC 8017, section
// 9.2), because the card performs raw RSA. For ECDSA it is the digest, truncated or left-padded to the size of the
// curve.
func (k key) block(digest []byte, hash crypto.Hash) ([]byte, error) {
	prefix, known := digestInfo[hash]
	if !known || len(digest) != hash.Size() {
		return nil, &cardreader.Error{
			Kind: cardreader.Internal,
			Err:  fmt.Errorf("cannot sign a digest of %d bytes by hash %d", len(digest), hash),
		}
	}

	block := make([]byte, k.size)
	if _, isRSA := k.public.(*rsa.PublicKey); !isRSA {
		digest = digest[:min(len(digest), k.size)]
		copy(block[k.size-len(digest):], digest)
		return block, nil
	}

	start := k.size - len(prefix) - len(digest)
	block[1] = 0x01
	for i := 2; i < start-1; i++ {
		block[i] = 0xFF
	}

	copy(block[start:], prefix)
	copy(block[start+len(prefix):], digest)
	return block, nil
}

// verifies reports whether signature is a valid signature by this key. It detects a replaced or faulty card.
func (k key) verifies(digest []byte, hash crypto.Hash, signature []byte) bool {
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	}
	return false
}

// errOtherKey is the error of a signature that doesn't match the certificate.
var errOtherKey = errors.New("GENERAL AUTHENTICATE: the signature does not verify")

// sign signs with GENERAL AUTHENTICATE (SP 800-73-4 part 2, section 3.2.4). The passcode must be verified.
func (t *transport) sign(ctx context.Context, k key, digest []byte, hash crypto.Hash) ([]byte, error) {
	block, err := k.block(digest, hash)
	if err != nil {
		return nil, err
	}

	// An empty object 82 requests the response.
	template := appendElement(appendElement(nil, 0x82, nil), 0x81, block)
	data, sw, err := t.send(ctx, command{
		ins: 0x87, p1: k.algorithm, p2: key9A,
		data: appendElement(nil, 0x7C, template), wantsResponse: true,
	})
	if err != nil {
		return nil, err
	}

	switch sw {
	case swOK:
	case swNotSatisfied:
		return nil, &cardreader.Error{Kind: cardreader.PasscodeNeeded, SW: sw}
	default:
		return nil, swError("GENERAL AUTHENTICATE", sw)
	}

	answer, _ := findElement(data, 0x7C)
	signature, found := findElement(answer, 0x82)
	if !found {
		return nil, &cardreader.Error{
			Kind: cardreader.Internal, SW: sw,
			Err: errors.New("GENERAL AUTHENTICATE: no signature in the response"),
		}
	}
	if !k.verifies(digest, hash, signature) {
		return nil, &cardreader.Error{
			Kind: cardreader.Internal, SW: sw, Detail: "The card's signature does not fit its certificate.",
			Err: errOtherKey,
		}
	}

	return signature, nil
}
