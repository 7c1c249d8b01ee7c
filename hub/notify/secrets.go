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

// Secrets are the webhook secrets of each authority, and perhaps some for those without their own.
type Secrets map[string][][]byte

// mostSecrets is how many secrets an authority has at most: the new one, and the old one while it is being changed.
const mostSecrets = 2

// everyone is the key of the secrets for those without their own.
const everyone = ""

// ReadSecrets reads lines of an authority's code and its secret ("V999 whsec_…"), or two while it changes: "V999
// whsec_new whsec_old". Empty lines, and lines that begin with #, count for nothing. Errors name the line, never the
// secret.
//
// A file whose first line is "version 2" has a secret of its own for each authority. In an older file a line without a
// code is for every other authority, and authorities may share a secret ([Secrets.Shared]).
func ReadSecrets(r io.Reader) (Secrets, error) {
	secrets := make(Secrets)
	lines := bufio.NewScanner(r)
	own := false // no secret may be shared
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(secrets) == 0 && !own && slices.Equal(fields, []string{"version", "2"}) {
			own = true
			continue
		}
		code := everyone
		if !strings.HasPrefix(fields[0], secretPrefix) {
			code, fields = fields[0], fields[1:]
			if !store.IsAuthorityCode(code) { // such as one with a byte order mark before it: nobody would be signed for
				return nil, fmt.Errorf("webhook secrets, line %d: it begins with something that is not a code of "+
					"an authority, such as V999", n)
			}
		}
		if _, twice := secrets[code]; twice || len(fields) == 0 || len(fields) > mostSecrets {
			return nil, fmt.Errorf("webhook secrets, line %d: want a code and its secret, or the new one and the old one, each code once", n)
		}
		for _, text := range fields {
			secret, err := ParseSecret(text)
			if err != nil {
				return nil, fmt.Errorf("webhook secrets, line %d: %w", n, err)
			}
			secrets[code] = append(secrets[code], secret)
		}
		if own && secrets.Shared() {
			return nil, fmt.Errorf("webhook secrets, line %d: it is not one authority's alone, so that each of them could sign what another receives", n)
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

// For returns the secrets for an authority, the newest first; none when there is none.
func (s Secrets) For(authority string) [][]byte {
	if own, ok := s[authority]; ok {
		return own
	}
	return s[everyone]
}

// Shared reports whether authorities share a secret: each of them can then sign what another receives.
func (s Secrets) Shared() bool {
	of := make(map[string]string) // a secret's code
	for code, secrets := range s {
		for _, secret := range secrets {
			if other, known := of[string(secret)]; known && other != code {
				return true
			}
			of[string(secret)] = code
		}
	}
	return len(s[everyone]) > 0
}

// ReadMESHSecrets reads what goes with a MESH mailbox: a line "password …" and a line "shared_key …". Empty lines,
// and lines that begin with #, count for nothing. Errors name the line, never what stands in it.
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
