package identity

import (
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"wardlight/hub/store"
)

// A signed nonce is as long as one that is kept: when it was given, in seconds, then chance, then a MAC over both.
const (
	nonceTime   = 4
	nonceChance = 12
	nonceMAC    = secretBytes - nonceTime - nonceChance
)

// nonceKeyOf derives the key of signed nonces. Hubs that share a signing key know each other's.
func nonceKeyOf(key *ecdsa.PrivateKey) ([]byte, error) {
	private, err := key.ECDH()
	if err != nil {
		return nil, err
	}
	return mac(private.Bytes(), []byte("wardlight nonce")), nil
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

// signedNonce returns a nonce that the hub knows again without having kept it.
func (s *Service) signedNonce(now time.Time) (string, error) {
	b := make([]byte, nonceTime+nonceChance, secretBytes)
	binary.BigEndian.PutUint32(b, uint32(now.Unix())) //nolint:gosec // seconds, modulo what fits
	if _, err := io.ReadFull(s.rand, b[nonceTime:]); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	b = append(b, mac(s.nonceKey, b)[:nonceMAC]...)
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// signed tells whether a nonce is a signed one of this hub, when it was given, and whether it has lapsed.
func (s *Service) signed(nonce string, now time.Time) (given time.Time, ours, lapsed bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	// Base64 has other spellings of the same bytes (line ends, idle bits of the last letter), and each would serve once
	// more.
	if err != nil || len(b) != secretBytes || base64.RawURLEncoding.EncodeToString(b) != nonce {
		return time.Time{}, false, false
	}
	said := b[:nonceTime+nonceChance]
	if !hmac.Equal(b[len(said):], mac(s.nonceKey, said)[:nonceMAC]) {
		return time.Time{}, false, false
	}
	age := uint32(now.Unix()) - binary.BigEndian.Uint32(said) //nolint:gosec // the difference is right whatever was cut off
	return time.Unix(now.Unix()-int64(age), 0), true, age > uint32(nonceLife/time.Second)
}

// onceOfNonce returns what makes a signed nonce serve once.
func onceOfNonce(nonce string, given time.Time) *store.Once {
	return &store.Once{Hash: hash("nonce", nonce), Expires: given.Add(nonceLife + 2*clockLeeway)}
}
