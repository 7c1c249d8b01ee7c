package pkcs11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"wardlight/cardreader"
)

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

// usable reports whether keys of this kind are supported: RSA of at least 2048 bits, P-256, P-384.
func usable(public crypto.PublicKey) bool {
	switch public := public.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return public.Curve == elliptic.P256() || public.Curve == elliptic.P384()
	}
	return false
}

// toSign returns the input for the module's signature. For RSA it is a DigestInfo, which all modules support and which
// does not depend on the vendor's hash. For ECDSA it is the digest, truncated to the size of the curve (FIPS 186-5,
// section 6.4.1).
func toSign(public crypto.PublicKey, digest []byte, hash crypto.Hash) ([]byte, error) {
	prefix, known := digestInfo[hash]
	if !known || len(digest) != hash.Size() {
		return nil, &cardreader.Error{
			Kind: cardreader.Internal,
			Err:  fmt.Errorf("cannot sign a digest of %d bytes by hash %d", len(digest), hash),
		}
	}
	if ec, is := public.(*ecdsa.PublicKey); is {
		return digest[:min(len(digest), coordinateSize(ec))], nil
	}
	return append(append(make([]byte, 0, len(prefix)+len(digest)), prefix...), digest...), nil
}

// coordinateSize returns the size of r and of s, in bytes.
func coordinateSize(key *ecdsa.PublicKey) int { return (key.Params().BitSize + 7) / 8 }

// signatureOf returns the module's signature in the format of cardreader.Card. It verifies the signature, in order to
// detect a key that doesn't match its certificate, or a fault in the module.
func signatureOf(public crypto.PublicKey, digest []byte, hash crypto.Hash, raw []byte) ([]byte, error) {
	switch public := public.(type) {
	case *rsa.PublicKey:
		if rsa.VerifyPKCS1v15(public, hash, digest, raw) == nil {
			return raw, nil
		}
	case *ecdsa.PublicKey:
		if der, err := derSignature(raw, coordinateSize(public)); err == nil && ecdsa.VerifyASN1(public, digest, der) {
			return der, nil
		}
	}
	return nil, &cardreader.Error{
		Kind: cardreader.KeyMismatch, Err: errors.New("the signature does not verify"),
	}
}

// derSignature converts r and s side by side (PKCS #11 v2.40, section 2.3.1) to an ECDSA-Sig-Value (RFC 3279, section
// 2.2.3). Some modules omit leading zeros of both, so each number is one half of raw.
func derSignature(raw []byte, size int) ([]byte, error) {
	if len(raw) == 0 || len(raw)%2 != 0 || len(raw) > 2*size {
		return nil, fmt.Errorf("a signature of %d bytes for a curve of %d", len(raw), size)
	}
	half := len(raw) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}

func isRSA(public crypto.PublicKey) bool {
	_, is := public.(*rsa.PublicKey)
	return is
}
