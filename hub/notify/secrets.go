package notify

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"wardlight/hub/store"
)

// Secrets are the webhook secrets of each authority, and optionally those for authorities without their own.
type Secrets map[string][][]byte

// maxSecrets is the maximum number of secrets of an authority: the new one, and the old one during a change.
const maxSecrets = 2

// defaultSecrets is the key of the secrets for authorities without their own.
const defaultSecrets = ""

// ReadSecrets parses lines with an authority's code and its secret ("V999 whsec_…"), or two secrets during a change:
// "V999 whsec_new whsec_old". It ignores empty lines and lines that begin with #. Errors contain the line number,
// never the secret.
//
// A file whose first line is "version 2" has different secrets for all authorities. In an older file, a line without a
// code is for all other authorities, and authorities may share a secret ([Secrets.Shared]).
func ReadSecrets(r io.Reader) (Secrets, error) {
	secrets := make(Secrets)
	lines := bufio.NewScanner(r)
	own := false // version 2: no shared secrets
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}

		if len(secrets) == 0 && !own && slices.Equal(fields, []string{"version", "2"}) {
			own = true
			continue
		}

		code := defaultSecrets
		if !strings.HasPrefix(fields[0], secretPrefix) {
			code, fields = fields[0], fields[1:]
			if !store.IsAuthorityCode(code) { // for example with a byte order mark: no authority would have the secret
				return nil, fmt.Errorf("webhook secrets, line %d: it does not begin with the code of "+
					"an authority, such as V999", n)
			}
		}

		if _, twice := secrets[code]; twice || len(fields) == 0 || len(fields) > maxSecrets {
			return nil, fmt.Errorf("webhook secrets, line %d: want a code and its secret, or the new one and the "+
				"old one, each code once", n)
		}

		for _, text := range fields {
			secret, err := ParseSecret(text)
			if err != nil {
				return nil, fmt.Errorf("webhook secrets, line %d: %w", n, err)
			}
			secrets[code] = append(secrets[code], secret)
		}

		if own && secrets.Shared() {
			return nil, fmt.Errorf("webhook secrets, line %d: another authority has the same secret, so that each "+
				"could sign messages to the other", n)
		}
	}

	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("webhook secrets: %w", err)
	}
	if len(secrets) == 0 {
		return nil, errors.New("webhook secrets: none")
	}

	return secrets, nil
}

// For returns the secrets of an authority, the newest first, or nil.
func (s Secrets) For(authority string) [][]byte {
	if own, ok := s[authority]; ok {
		return own
	}
	return s[defaultSecrets]
}

// Shared reports whether authorities share a secret. Each of them could then sign messages to the others.
func (s Secrets) Shared() bool {
	of := make(map[string]string) // the authority that has the secret
	for code, secrets := range s {
		for _, secret := range secrets {
			if other, known := of[string(secret)]; known && other != code {
				return true
			}
			of[string(secret)] = code
		}
	}
	return len(s[defaultSecrets]) > 0
}

// ReadMESHSecrets parses the secrets of a MESH mailbox: a line "password …" and a line "shared_key …". It ignores
// empty lines and lines that begin with #. Errors contain the line number, never the secret.
func ReadMESHSecrets(r io.Reader) (password, key []byte, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		switch {
		case len(fields) == 2 && fields[0] == "password" && password == nil:
			password = []byte(fields[1])
		case len(fields) == 2 && fields[0] == "shared_key" && key == nil:
			key = []byte(fields[1])
		default:
			return nil, nil, fmt.Errorf("line %d: want password and shared_key, each once and with one word", n)
		}
	}

	if err := lines.Err(); err != nil {
		return nil, nil, err
	}
	if password == nil || key == nil {
		return nil, nil, errors.New("password or shared_key is missing")
	}

	return password, key, nil
}
