package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"

	"wardlight/hub/store"
)

// Layout of a nonce: its time in seconds, random bytes, and a MAC of both. Nonces aren't stored.
const (
	nonceTime   = 4
	nonceRandom = 12
	nonceMAC    = secretBytes - nonceTime - nonceRandom
)

// nonceKeys caches the key of nonces. All hubs of a store have the same key.
type nonceKeys struct {
	mu  sync.Mutex
	key []byte
}

// nonceKey returns the key of nonces. The first hub of a store writes it. Requests don't write anything else.
func (s *Service) nonceKey(ctx context.Context) ([]byte, error) {
	s.nonces.mu.Lock()
	defer s.nonces.mu.Unlock()
	if s.nonces.key != nil {
		return s.nonces.key, nil
	}
	fresh := make([]byte, secretBytes)
	if _, err := io.ReadFull(s.rand, fresh); err != nil {
		return nil, fmt.Errorf("random bytes: %w", err)
	}
	key, err := s.store.NonceKey(ctx, fresh)
	if err != nil {
		return nil, fmt.Errorf("key of nonces: %w", err)
	}
	s.nonces.key = key
	return key, nil
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

// signedNonce returns a nonce that all hubs of the store can verify without having stored it.
func (s *Service) signedNonce(ctx context.Context, now time.Time) (string, error) {
	key, err := s.nonceKey(ctx)
	if err != nil {
		return "", err
	}
	b := make([]byte, nonceTime+nonceRandom, secretBytes)
	binary.BigEndian.PutUint32(b, uint32(now.Unix())) //nolint:gosec // seconds modulo 2^32
	if _, err := io.ReadFull(s.rand, b[nonceTime:]); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	b = append(b, mac(key, b)[:nonceMAC]...)
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// signed reports whether a nonce was issued with that key, when it was issued, and whether it has expired.
func signed(key []byte, nonce string, now time.Time) (given time.Time, ours, lapsed bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	// Base64 has other encodings of the same bytes, with line ends or with unused bits set. Each could be used once
	// more, so only the canonical one is valid.
	if err != nil || len(b) != secretBytes || base64.RawURLEncoding.EncodeToString(b) != nonce {
		return time.Time{}, false, false
	}
	said := b[:nonceTime+nonceRandom]
	if !hmac.Equal(b[len(said):], mac(key, said)[:nonceMAC]) {
		return time.Time{}, false, false
	}
	age := uint32(now.Unix()) - binary.BigEndian.Uint32(said) //nolint:gosec // the difference is correct modulo 2^32
	return time.Unix(now.Unix()-int64(age), 0), true, age > uint32(nonceTimeout/time.Second)
}

// onceOfNonce returns the record that makes a nonce valid only once.
func onceOfNonce(nonce string, given time.Time) *store.Once {
	return &store.Once{Hash: hash("nonce", nonce), Expires: given.Add(nonceTimeout + 2*clockLeeway)}
}
