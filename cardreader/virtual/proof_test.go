package virtual_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/need"
)

// openSC is the path of OpenSC's PKCS #11 module on Debian.
const openSC = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"

// TestOtherProgramsAcceptTheCard lets independent programs use the virtual card over a real pcscd. They accept the
// passcode only as an argument; it is not a secret here.
func TestOtherProgramsAcceptTheCard(t *testing.T) {
	pcscdtest.Need(t, "opensc-tool", "pkcs11-tool", "yubico-piv-tool", "openssl")
	need.File(t, openSC, "install opensc-pkcs11")
	dir, remove, err := pcscdtest.Dir()
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(remove)
	d := pcscdtest.Start(t, dir)

	for _, c := range []struct {
		name, algorithm, mechanism string
		key                        crypto.Signer
		compress                   bool
	}{
		{"RSA-2048", "RSA2048", "SHA256-RSA-PKCS", virtualtest.RSA(t), false},
		{"P-256", "ECCP256", "ECDSA-SHA256", virtualtest.P256(t), false},
		{"RSA-2048, compressed certificate", "RSA2048", "SHA256-RSA-PKCS", virtualtest.RSA(t), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			plastic := virtualtest.Card(t, c.key, func(config *virtual.Config) { config.Compress = c.compress })
			card, err := d.Plug(t.Context(), 0, plastic)
			if err != nil {
				t.Fatal(err)
			}

			tool := pcscdtest.Tool{Daemon: d}
			t.Cleanup(func() {
				card.Pull()
				tool.Until(t, "Card not present", "opensc-tool", "--reader", "0", "--atr")
			})

			files := t.TempDir()

			tool.Until(t, "3b:87:01:80:31:c0:73:c0:21:c0:a5", "opensc-tool", "--reader", "0", "--atr")
			tool.Must(t, "Personal Identity Verification Card", "opensc-tool", "--reader", "0", "--name")

			if !c.compress { // not supported by yubico-piv-tool 2.2
				yubico(t, tool, c.algorithm, filepath.Join(files, "certificate.pem"))
			}

			openSCSigns(t, tool, c.mechanism, c.key.Public(), files)

			_, err = tool.Run("yubico-piv-tool", "-r", "Virtual", "-a", "verify-pin", "-P", "999999")
			if err == nil || plastic.TriesLeft() != virtualtest.Tries-1 {
				t.Errorf("verify-pin with a wrong passcode: got error %v and %d tries left, want an error and %d",
					err, plastic.TriesLeft(), virtualtest.Tries-1)
			}
		})
	}
}

// yubico reads the card and signs with yubico-piv-tool, which also verifies the signature.
func yubico(t *testing.T, tool pcscdtest.Tool, algorithm, certificate string) {
	t.Helper()
	tool.Must(t, "PIN tries left:	3", "yubico-piv-tool", "-r", "Virtual", "-a", "status")
	tool.Must(t, "", "yubico-piv-tool", "-r", "Virtual", "-a", "read-cert", "-s", "9a", "-o", certificate)
	var err error
	if tool.Stdin, err = os.ReadFile(certificate); err != nil {
		t.Fatal(err)
	}
	tool.Must(t, "Successful", "yubico-piv-tool", "-r", "Virtual", "-a", "verify-pin", "-P", virtualtest.Passcode,
		"-a", "test-signature", "-s", "9a", "-A", algorithm, "-H", "SHA256")
}

// openSCSigns signs with OpenSC's PKCS #11 module and verifies the signature with OpenSSL.
func openSCSigns(t *testing.T, tool pcscdtest.Tool, mechanism string, public crypto.PublicKey, dir string) {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	message, signature, key := filepath.Join(dir, "message"), filepath.Join(dir, "signature"),
		filepath.Join(dir, "key.pem")
	if err := os.WriteFile(message, []byte("front door"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	tool.Must(t, "Using signature algorithm", "pkcs11-tool", "--module", openSC, "--login", "--pin",
		virtualtest.Passcode,
		"--id", "01", "--sign", "--mechanism", mechanism, "--signature-format", "openssl",
		"--input-file", message, "--output-file", signature)
	tool.Must(t, "Verified OK", "openssl", "dgst", "-sha256", "-verify", key, "-signature", signature, message)
}
