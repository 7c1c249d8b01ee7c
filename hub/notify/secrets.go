package notify

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Secrets are the webhook secrets: one for each authority, and perhaps one for those without their own.
type Secrets map[string][]byte

// everyone is the key of the secret for those without their own.
const everyone = ""

// ReadSecrets reads lines of an authority's code and its secret ("V999 whsec_…"). A line with a secret alone is for every other
// authority. Empty lines, and lines that begin with #, count for nothing. Errors name the line, never the secret.
func ReadSecrets(r io.Reader) (Secrets, error) {
	secrets := make(Secrets)
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		code := everyone
		if len(fields) > 1 {
			code = fields[0]
		}
		if _, twice := secrets[code]; twice || len(fields) > 2 {
			return nil, fmt.Errorf("webhook secrets, line %d: want a code and one secret, each code once", n)
		}
		secret, err := ParseSecret(fields[len(fields)-1])
		if err != nil {
			return nil, fmt.Errorf("webhook secrets, line %d: %w", n, err)
		}
		secrets[code] = secret
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("webhook secrets: %w", err)
	}
	if len(secrets) == 0 {
		return nil, errors.New("webhook secrets: none")
	}
	return secrets, nil
}

// For is the secret for an authority; false when there is none.
func (s Secrets) For(authority string) ([]byte, bool) {
	if secret, ok := s[authority]; ok {
		return secret, true
	}
	secret, ok := s[everyone]
	return secret, ok
}
