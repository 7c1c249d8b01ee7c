// Package pkcs11test provides SoftHSM tokens and modules that misbehave, for tests. Only tests import it.
package pkcs11test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Paths of the modules that the Debian packages softhsm2 and opensc-pkcs11 install.
const (
	SoftHSM = "/usr/lib/softhsm/libsofthsm2.so"
	OpenSC  = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
)

// Passcode is the passcode of tokens created here. It contains letters, which PIV cards don't accept.
const Passcode = "Pass-4711"

// toolTimeout is the timeout of one program run.
const toolTimeout = time.Minute

// Need skips the test if a file or a program is missing, and names what to install. With CI=true the test fails
// instead.
func Need(tb testing.TB, files ...string) {
	tb.Helper()
	packages := map[string]string{
		SoftHSM: "softhsm2", OpenSC: "opensc-pkcs11", "softhsm2-util": "softhsm2",
		"pkcs11-tool": "opensc",
	}

	var missing []string
	for _, f := range files {
		_, err := os.Stat(f)
		if !filepath.IsAbs(f) {
			_, err = exec.LookPath(f)
		}
		if err != nil {
			missing = append(missing, fmt.Sprintf("install %s: %v", packages[f], err))
		}
	}

	if missing == nil {
		return
	}

	if os.Getenv("CI") == "true" {
		tb.Fatal(strings.Join(missing, "; "))
	}

	tb.Skip(strings.Join(missing, "; "))
}

// Store is a folder of SoftHSM tokens.
type Store struct {
	dir string
}

// NewStore returns an empty store. It needs softhsm2 and opensc.
func NewStore(tb testing.TB) *Store {
	tb.Helper()
	Need(tb, SoftHSM, "softhsm2-util", "pkcs11-tool")
	s := &Store{dir: tb.TempDir()}
	tokens := filepath.Join(s.dir, "tokens")
	if err := os.Mkdir(tokens, 0o700); err != nil {
		tb.Fatal(err)
	}
	settings := "directories.tokendir = " + tokens + "\nlog.level = ERROR\n"
	if err := os.WriteFile(s.Conf(), []byte(settings), 0o600); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Conf returns the path of the configuration file, for the variable SOFTHSM2_CONF.
func (s *Store) Conf() string { return filepath.Join(s.dir, "softhsm2.conf") }

// Environ returns the environment in which SoftHSM finds the tokens.
func (s *Store) Environ() []string { return append(os.Environ(), "SOFTHSM2_CONF="+s.Conf()) }

// Token creates a token with Passcode and no objects.
func (s *Store) Token(tb testing.TB, label string) {
	tb.Helper()
	s.run(tb, "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", Passcode)
}

// Key writes a key and its certificate to the token. id is the CKA_ID in hex.
func (s *Store) Key(tb testing.TB, token, id, label string, key crypto.Signer, certificate []byte) {
	tb.Helper()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	file := filepath.Join(s.dir, id+".pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600); err != nil {
		tb.Fatal(err)
	}
	s.run(tb, "softhsm2-util", "--import", file, "--token", token, "--id", id, "--label", label, "--pin", Passcode)
	s.Certificate(tb, token, id, label, certificate)
}

// Certificate writes a certificate without a key to the token.
func (s *Store) Certificate(tb testing.TB, token, id, label string, certificate []byte) {
	tb.Helper()
	file := filepath.Join(s.dir, "certificate.der")
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		tb.Fatal(err)
	}
	s.run(tb, "pkcs11-tool", "--module", SoftHSM, "--token-label", token, "--login", "--pin", Passcode,
		"--write-object", file, "--type", "cert", "--id", id, "--label", label)
}

func (s *Store) run(tb testing.TB, name string, args ...string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), toolTimeout)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Env = s.Environ()
	if out, err := c.CombinedOutput(); err != nil {
		tb.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Replace replaces a certificate. To the driver the token is then another card.
func (s *Store) Replace(tb testing.TB, token, id string, certificate []byte) {
	tb.Helper()
	s.run(tb, "pkcs11-tool", "--module", SoftHSM, "--token-label", token, "--login", "--pin", Passcode,
		"--delete-object", "--type", "cert", "--id", id)
	s.Certificate(tb, token, id, "replaced", certificate)
}
