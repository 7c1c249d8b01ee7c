package winetest

import (
	"context"
	"crypto/rsa"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Passcode is the passcode of the module's token.
const Passcode = "4711Pass"

// Module compiles a PKCS#11 module into folder and returns its path. The module has one token with the certificate and
// the key, which must have 2048 bits. It needs a library, which is compiled into the same folder. The environment
// variable MODULE_MODE selects its behaviour (see c/module.c).
func Module(tb testing.TB, folder string, key *rsa.PrivateKey, certificate []byte) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), buildTimeout)
	defer cancel()
	headers, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/miekg/pkcs11").Output()
	if err != nil {
		tb.Fatal(err)
	}

	var header strings.Builder
	for name, b := range map[string][]byte{
		"modulus": key.N.FillBytes(make([]byte, 256)), "private_exponent": key.D.FillBytes(make([]byte, 256)),
		"certificate": certificate,
	} {
		fmt.Fprintf(&header, "static const unsigned char %s[] = {", name)
		for _, c := range b {
			fmt.Fprintf(&header, "%d,", c)
		}
		header.WriteString("};\n")
	}

	fmt.Fprintf(&header, "static const char passcode[] = %q;\n", Passcode)
	include := tb.TempDir()
	if err := os.WriteFile(filepath.Join(include, "key.h"), []byte(header.String()), 0o600); err != nil {
		tb.Fatal(err)
	}

	Library(tb, filepath.Join(folder, "beside.dll"), "beside.c")
	path := filepath.Join(folder, "module.dll")
	Library(tb, path, "module.c", "-DPACKED_STRUCTURES", "-I", strings.TrimSpace(string(headers)), "-I", include, "-L",
		folder, "-l:beside.dll")
	return path
}
