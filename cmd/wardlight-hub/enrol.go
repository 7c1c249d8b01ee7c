package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/audit"
	"wardlight/hub/cards"
	"wardlight/hub/holder"
	"wardlight/hub/identity"
	"wardlight/hub/store"
)

func newStaffEnrol() *cobra.Command {
	var byItself, remove bool
	c := &cobra.Command{
		Use:   "enrol UUID FILE",
		Short: "Enrol a smartcard's certificate for a person who is on file",
		Long: `Enrol a smartcard's certificate for a person who is on file. FILE is the certificate in PEM or DER; in PEM, intermediate CA
certificates up to those of cards.ca_files may follow it.

How certificates name a person is set for each CA in cards.ca_files. With upn, uri or subject, the person may use every
certificate of the same issuer with the same name, so a renewed certificate needs no new enrolment. With sha256 or uuid, only
this certificate is enrolled.

A person who has an enrolled certificate can sign in only with enrolled certificates, no longer by the common name.`,
		Example: "  wardlight-hub staff enrol 999000000111 card.pem",
		Args:    cobra.ExactArgs(2),
		RunE: withSettingsAndStore(func(c *cobra.Command, args []string, s *settings, ledger store.Store) error {
			p, err := ledger.Person(c.Context(), args[0])
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("no person has the UUID %q; 'wardlight-hub import' adds people", args[0])
			}
			if err != nil {
				return err
			}

			chain, err := readChain(args[1])
			if err != nil {
				return err
			}
			if remove {
				return release(c, s, ledger, p, chain)
			}

			names, err := s.namesOf(chain, time.Now())
			if err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}

			if byItself || names[0].Kind == string(holder.UUID) {
				names = []store.CertificateName{holder.BySHA256(chain[0])}
			}

			return enrol(c, ledger, p, chain[0], names)
		}),
	}

	c.Flags().BoolVar(&byItself, "sha256", false, "enrol only this certificate, whatever is set for its CA")
	c.Flags().BoolVar(&remove, "remove", false, "end the certificate's enrolment for the person, and their sessions")
	c.MarkFlagsMutuallyExclusive("sha256", "remove")
	return c
}

// namesOf returns the names by which a certificate identifies a person, in the way configured for its CA (see
// holder.CAs.Names). A certificate that may not sign in is an error.
func (s *settings) namesOf(chain []*x509.Certificate, now time.Time) ([]store.CertificateName, error) {
	if err := s.checkCards(); err != nil {
		return nil, err
	}
	cas, err := cards.Read(s.cardCAs)
	if err != nil {
		return nil, s.cardSettingError(err)
	}
	ways, refusal := identity.VerifiedPaths(chain, cas, now)
	if refusal != nil {
		return nil, fmt.Errorf("it cannot be used to sign in: %s%s", refusal.What,
			certificateSuffix(refusal.Certificate))
	}
	names, err := cas.Names(chain[0], ways)
	if err != nil && names[0].Kind == string(holder.UUID) {
		return names, nil // the certificate names no person, but can be enrolled by its hash
	}
	return names, err
}

// certificateSuffix returns a description of the certificate that an error is about, or "".
func certificateSuffix(certificate string) string {
	if certificate == "" {
		return ""
	}
	return " (" + certificate + ")"
}

// enrol enrols a certificate for a person by the first of its names. If another name is enrolled for somebody else, it
// returns an error: the card would then sign in as a different person.
func enrol(c *cobra.Command, ledger store.Store, p store.Person, card *x509.Certificate,
	names []store.CertificateName,
) error {
	taken := func(whose string) error {
		return fmt.Errorf("the certificate is enrolled for another person; 'wardlight-hub staff enrol %s FILE "+
			"--remove' removes that enrolment", whose)
	}

	name := names[0]
	for _, other := range names[1:] {
		if whose, err := ledger.PersonOfCertificate(c.Context(), other); err == nil && whose != p.UUID {
			return taken(whose)
		}
	}

	certificate := identity.Described(identity.CertificateOf(card))

	// The audit must not contain a person's name from the certificate.
	err := commitChange(c.Context(), ledger, store.Change{Enrolled: &store.Enrolment{Name: name, Person: p.UUID}},
		audit.EnrolCertificate, "",
		p.UUID, "by "+name.Kind, certificate)
	if errors.Is(err, store.ErrCertificateTaken) {
		whose, _ := ledger.PersonOfCertificate(c.Context(), name) // on error the message leaves the person out
		return taken(whose)
	}

	if err != nil {
		return err
	}

	goesOn := "A renewed certificate must be enrolled again."
	if name.Kind != string(holder.SHA256) {
		goesOn = "A renewed certificate of the same issuer with the same name needs no new enrolment."
	}

	_, err = fmt.Fprintf(c.OutOrStdout(), "%s\nis enrolled for %s %s by %s.\n%s\n", certificate, p.UUID, fullName(p),
		certificateNameText(name), goesOn)
	return err
}

// release removes the enrolments of a certificate: by its hash, and by its names if the settings still have its CA.
func release(c *cobra.Command, s *settings, ledger store.Store, p store.Person, chain []*x509.Certificate) error {
	has, err := ledger.CertificatesOf(c.Context(), p.UUID)
	if err != nil {
		return err
	}

	names := []store.CertificateName{holder.BySHA256(chain[0])}
	if more, err := s.namesOf(chain, chain[0].NotBefore); err == nil { // an expired certificate is released, too
		names = append(names, more...)
	}

	names = slices.DeleteFunc(names, func(n store.CertificateName) bool { return !slices.Contains(has, n) })
	if len(names) == 0 {
		return fmt.Errorf("the certificate is not enrolled for %s; 'wardlight-hub staff show %s' lists the "+
			"enrolled certificates", p.UUID, p.UUID)
	}

	certificate := identity.Described(identity.CertificateOf(chain[0]))
	for _, name := range names {
		if err := commitChange(c.Context(), ledger, store.Change{Released: &name}, audit.ReleaseCertificate, "", p.UUID,
			"by "+name.Kind, certificate); err != nil {
			return err
		}
	}

	_, err = fmt.Fprintf(c.OutOrStdout(), "%s\nis no longer enrolled for %s %s, whose sessions have ended.\n",
		certificate, p.UUID, fullName(p))
	return err
}

// certificateNameText returns a description of a certificate's name.
func certificateNameText(n store.CertificateName) string {
	if n.Kind == string(holder.SHA256) {
		return "SHA-256 " + n.Name
	}
	return fmt.Sprintf("%s %s, issuer %s, CA %s", n.Kind, n.Name, n.Issuer, n.CA)
}
