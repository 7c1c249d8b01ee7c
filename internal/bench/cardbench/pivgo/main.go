// Command pivgo performs the benchmark's task with go-piv/piv-go: it verifies the passcode, reads the certificate and
// signs. It is a separate module, so that Wardlight doesn't depend on that library.
//
//	pivgo READER DIGEST-IN-HEX < passcode > signature-in-hex milliseconds-inside milliseconds-from-passcode
package main

import (
	"bufio"
	"crypto"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-piv/piv-go/v2/piv"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pivgo READER DIGEST-IN-HEX < passcode")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pivgo:", err)
		os.Exit(1)
	}
}

func run(reader, digestHex string) error {
	digest, err := hex.DecodeString(digestHex)
	if err != nil {
		return err
	}

	passcode, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return fmt.Errorf("no passcode on standard input: %w", err)
	}

	began := time.Now()
	card, err := piv.Open(reader)
	if err != nil {
		return err
	}
	defer card.Close()
	certificate, err := card.Certificate(piv.SlotAuthentication)
	if err != nil {
		return err
	}

	// Without the policy piv-go would first request an attestation, which only a YubiKey supports.
	auth := piv.KeyAuth{PIN: strings.TrimSpace(passcode), PINPolicy: piv.PINPolicyAlways}
	key, err := card.PrivateKey(piv.SlotAuthentication, certificate.PublicKey, auth)
	if err != nil {
		return err
	}

	signer, ok := key.(crypto.Signer)
	if !ok {
		return fmt.Errorf("a %T does not sign", key)
	}

	entered := time.Now()
	signature, err := signer.Sign(rand.Reader, digest, crypto.SHA256)
	if err != nil {
		return err
	}

	enter := float64(time.Since(entered).Microseconds()) / 1000
	fmt.Println(hex.EncodeToString(signature), float64(time.Since(began).Microseconds())/1000, enter)
	return nil
}
