package identity

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
)

// secretPrefix is the prefix of the secrets of authorities' systems, so that a leaked one is recognised.
const secretPrefix = "wlla_"

// NewSecret returns a new secret of an authority's system, and its hash, which is stored. The error is rand's.
func NewSecret(rand io.Reader) (secret string, hash []byte, err error) {
	chance := make([]byte, secretBytes)
	if _, err := io.ReadFull(rand, chance); err != nil {
		return "", nil, fmt.Errorf("secret: %w", err)
	}
	secret = secretPrefix + base64.RawURLEncoding.EncodeToString(chance)
	return secret, HashSecret(secret), nil
}

// CredentialID returns the name of a credential: the first 12 hexadecimal digits of its hash, which reveal nothing of
// the secret.
func CredentialID(hash []byte) string { return hex.EncodeToString(hash)[:12] }

// HashSecret returns the stored form of a secret: its SHA-256. The secret has 256 random bits, so a salt or a slow
// hash would add nothing.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
