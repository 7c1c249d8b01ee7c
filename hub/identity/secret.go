package identity

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
)

// secretPrefix begins every secret of an authority's system, so that one that was left lying about is recognised for
// what it is.
const secretPrefix = "wlla_"

// NewSecret makes the secret of an authority's system and its hash, which is what is kept. The error is that of rand.
func NewSecret(rand io.Reader) (secret string, hash []byte, err error) {
	chance := make([]byte, secretBytes)
	if _, err := io.ReadFull(rand, chance); err != nil {
		return "", nil, fmt.Errorf("secret: %w", err)
	}
	secret = secretPrefix + base64.RawURLEncoding.EncodeToString(chance)
	return secret, HashSecret(secret), nil
}

// CredentialID returns what a credential is called: the beginning of its hash in hexadecimal, which gives nothing of the
// secret away.
func CredentialID(hash []byte) string { return hex.EncodeToString(hash)[:12] }

// HashSecret returns the form in which a secret is kept and looked up: its SHA-256. It is 256 bits of chance, so that
// no salt and no slow hash would add anything.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
