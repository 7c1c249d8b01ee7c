package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/config"
)

// revocation holds the options of the command.
type revocation struct {
	file, serial, issuer, fingerprint, reason string
	lift                                      bool

	ca string // name of the CA if the file has a CA's certificate, else ""
}

func newRevoke() *cobra.Command {
	var r revocation
	c := &cobra.Command{
		Use:   "revoke (--certificate FILE | --serial HEX [--issuer NAME] | --fingerprint HEX)",
		Short: "Revoke a smartcard's certificate, and end its sessions",
		Long: `Revoke a smartcard's certificate: it can no longer be used to sign in, and its sessions end at once. The hub may be running;
every hub of the same store refuses the next request. With the certificate of a CA, the sessions of all its cards end too.

A serial number without an issuer is revoked for all issuers. A certificate remains revoked until --lift removes it, even if
it is no longer on the CA's own list. If it still is on that list, it is revoked again when the hub next reads the list.

'wardlight-hub staff cards UUID' lists the cards that a person has signed in with, each with the command that revokes it.`,
		Args: cobra.NoArgs,
		RunE: withStore(func(c *cobra.Command, _ []string, ledger store.Store) error {
			certificate, err := r.certificate()
			if err != nil {
				return err
			}

			if r.lift {
				err = commitChange(c.Context(), ledger, store.Change{Lifted: &certificate}, audit.LiftRevocation, "",
					certificateText(certificate), r.reason)
			} else {
				revoked := store.Revocation{Certificate: certificate, At: time.Now(), Reason: r.reason}
				err = commitChange(c.Context(), ledger, store.Change{Revoked: &revoked, Distrusted: r.ca},
					audit.RevokeCertificate, "", certificateText(certificate), r.reason)
			}

			if errors.Is(err, store.ErrNotFound) {
				return notRevokedError(c.Context(), ledger, certificate)
			}
			if err != nil {
				return err
			}

			done := "revoked, and its sessions have ended"
			if r.lift {
				done = "no longer revoked; its holder may sign in again"
			}

			fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", certificateText(certificate), done)
			return nil
		}),
	}

	f := c.Flags()
	f.StringVar(&r.file, "certificate", "", "file of the certificate, in PEM or DER")
	f.StringVar(&r.serial, "serial", "", "serial number in hexadecimal, as openssl x509 -serial gives it")
	f.StringVar(&r.issuer, "issuer", "", "name of the issuer, as the hub writes it: CN=Sub CA,OU=CA,O=nhs")
	f.StringVar(&r.fingerprint, "fingerprint", "", "SHA-256 of the certificate in hexadecimal")
	f.StringVar(&r.reason, "reason", "", "the reason, without names: lost, stolen, left")
	f.BoolVar(&r.lift, "lift", false, "remove it from the list again")
	c.MarkFlagsOneRequired("certificate", "serial", "fingerprint")
	c.MarkFlagsMutuallyExclusive("certificate", "serial", "fingerprint")
	c.MarkFlagsMutuallyExclusive("certificate", "issuer")
	c.MarkFlagsMutuallyExclusive("fingerprint", "issuer")
	return c
}

// notRevokedError returns the error for lifting a revocation that is not on the list. It names the revoked
// certificates with the same serial number.
func notRevokedError(ctx context.Context, ledger store.Staff, c store.Certificate) error {
	listed, err := ledger.RevocationsOf(ctx, c.Serial)
	if err != nil {
		return err
	}
	if len(listed) == 0 {
		return fmt.Errorf("%s is not on the list", certificateText(c))
	}
	words := fmt.Sprintf("%s is not on the list. With this serial there are:", certificateText(c))
	for _, r := range listed {
		words += fmt.Sprintf("\n  %s, since %s: --serial %s --issuer %q --lift", certificateText(r.Certificate),
			r.At.UTC().Format(time.DateTime), r.Serial, r.Issuer)
	}
	return errors.New(words)
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// certificate returns the certificate that the options specify.
func (r *revocation) certificate() (store.Certificate, error) {
	if err := config.OneLine(r.reason); err != nil {
		return store.Certificate{}, fmt.Errorf("--reason: %w", err)
	}

	plain := func(hex string) string { return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(hex), ":", "")) }
	switch {
	case r.file != "":
		c, err := readCertificate(r.file)
		if err != nil {
			return store.Certificate{}, fmt.Errorf("--certificate: %w", err)
		}
		if c.IsCA {
			r.ca = c.Subject.String()
		}
		return identity.CertificateOf(c), nil
	case r.serial != "":
		n, ok := new(big.Int).SetString(strings.TrimPrefix(plain(r.serial), "0x"), 16)
		if !ok || n.Sign() <= 0 {
			return store.Certificate{}, fmt.Errorf("--serial: %q is not a hexadecimal number such as 1A2B", r.serial)
		}
		return store.Certificate{Serial: n.Text(16), Issuer: r.issuer}, nil
	default:
		sum := plain(r.fingerprint)
		if !sha256Hex.MatchString(sum) {
			return store.Certificate{}, errors.New("--fingerprint: it is not a SHA-256 in 64 hexadecimal digits")
		}
		return store.Certificate{Fingerprint: sum}, nil
	}
}

func readCertificate(name string) (*x509.Certificate, error) {
	chain, err := readChain(name)
	if err != nil {
		return nil, err
	}
	return chain[0], nil
}

// readChain reads a certificate in DER, or in PEM followed by CA certificates.
func readChain(name string) ([]*x509.Certificate, error) {
	rest, err := config.ReadFile(name)
	if err != nil {
		return nil, err
	}
	block, behind := pem.Decode(rest)
	if block == nil {
		block = &pem.Block{Bytes: rest}
	}
	var chain []*x509.Certificate
	for ; block != nil; block, behind = pem.Decode(behind) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s is not a certificate: %w", name, err)
		}
		chain = append(chain, c)
	}
	return chain, nil
}

// certificateText returns a description of a certificate.
func certificateText(c store.Certificate) string {
	switch {
	case c.Serial == "":
		return "certificate " + c.Fingerprint
	case c.Issuer == "":
		return "certificate " + c.Serial + " of any CA"
	default:
		return "certificate " + c.Serial + " of " + c.Issuer
	}
}
