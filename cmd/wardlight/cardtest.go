package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"strconv"

	"github.com/spf13/cobra"

	"wardlight/cardreader"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

// cardTestDocument is the JSON document wardlight.card-test/1.
type cardTestDocument struct {
	Schema string     `json:"schema"`
	Passed bool       `json:"passed"`
	Reader string     `json:"reader"`
	Driver string     `json:"driver"`
	UUID   string     `json:"uuid"`        // "" where the common name is not a UUID
	Name   string     `json:"common_name"` // common name of the certificate
	Key    string     `json:"key"`
	Tries  *int       `json:"tries_left"` // after the test; null when the card does not report it
	Low    bool       `json:"tries_low"`  // wrong passcodes were typed; the number of tries left is unknown
	Error  *errorPart `json:"error"`      // why the test failed; null when it passed
}

func newCardTest(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "test",
		Short: "Ask for the passcode and have the card sign, without the hub",
		Long: `Ask for the passcode, have the card sign a challenge of its own, and check the signature against the card's
certificate. The hub is not asked. It says how many passcode tries are left.

The exit code is 3 when the card, or the passcode, did not pass.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.cardTest(cmd.Context()) },
	}
}

func (a *app) cardTest(ctx context.Context) error {
	if err := a.checkPasscodeFD(); err != nil {
		return err
	}
	return a.withCard(ctx, func(l cardRead) error {
		seen, failed := l.seen, l.unusable
		if failed == nil {
			if failed = a.signTestChallenge(ctx, l.card, seen); ctx.Err() != nil || isPromptError(failed) {
				return failed
			}
			seen.Tries, seen.TriesLow = a.triesNow(ctx, l.sys, l.reader, failed)
		}
		if a.json {
			return alreadyShown(a.printCardTest(seen, failed), failed)
		}
		return alreadyShown(a.showCardTest(seen, failed), failed)
	})
}

// signTestChallenge signs with the card a challenge that no server would accept, and verifies the signature.
func (a *app) signTestChallenge(ctx context.Context, card cardreader.Card, seen session.Card) error {
	var passcode cardreader.Passcode
	defer passcode.Wipe()
	if err := a.passcode(ctx, seen, &passcode); err != nil {
		return err
	}
	challenge := []byte("wardlight card test " + a.newID())
	signature, err := cardreader.SignMessages(ctx, card, &passcode)(challenge, crypto.SHA256)
	if err != nil {
		return err
	}
	if !verifies(seen.Certificate, challenge, signature) {
		return &cardreader.Error{
			Kind:   cardreader.Internal,
			Detail: "The smartcard's signature does not fit its certificate.",
			Hint:   "Ask your Registration Authority for a new card.",
		}
	}
	return nil
}

// verifies reports whether signature is a valid SHA-256 signature of signed by the certificate's key, RSA or ECDSA.
func verifies(cert *x509.Certificate, signed, signature []byte) bool {
	algorithm := x509.SHA256WithRSA
	if cert.PublicKeyAlgorithm == x509.ECDSA {
		algorithm = x509.ECDSAWithSHA256
	}
	return cert.CheckSignature(algorithm, signed, signature) == nil
}

// triesNow returns the number of tries left after the test, or -1 when the card does not report it, and whether the
// card reports that few are left. If the test failed because the card is locked, the number is 0: some vendors'
// software still shows the old count.
func (a *app) triesNow(ctx context.Context, sys cardreader.System, reader string, failed error) (left int, low bool) {
	if failed != nil && cardreader.KindOf(failed) == cardreader.Locked {
		return 0, false
	}
	card, err := a.open(ctx, sys, reader)
	if err != nil {
		return -1, false
	}
	return card.Info().Tries, card.Info().TriesLow
}

func (a *app) showCardTest(c session.Card, failed error) error {
	w := &lines{out: a.out}
	verdict := "The card signed, and the signature fits its certificate."
	if failed != nil {
		verdict = "The card did not pass."
	}
	w.text("%s", verdict)
	for _, row := range [][2]string{
		{"Reader", c.Reader},
		{"Driver", orNotKnown(c.Driver)},
		holderRow(c),
		{"Key", orNotKnown(c.KeyKind)},
		{"Passcode tries left", triesNumber(c)},
	} {
		w.text("%-20s %s", row[0], row[1])
	}
	return w.err
}

func (a *app) printCardTest(c session.Card, failed error) error {
	d := cardTestDocument{
		Schema: "wardlight.card-test/1", Passed: failed == nil, Reader: c.Reader, Driver: c.Driver, UUID: c.UUID,
		Name: c.Name, Key: c.KeyKind, Low: c.FewTries(),
	}
	if c.Tries >= 0 {
		d.Tries = &c.Tries
	}
	if failed != nil {
		part := errorOf(failed)
		d.Error = &part
	}
	return a.print(d)
}

// triesNumber returns the number of tries left, for the card's row.
func triesNumber(c session.Card) string {
	switch {
	case c.FewTries():
		return "few: wrong passcodes were typed"
	case c.Tries < 0:
		return nhs.NotKnown
	case c.Tries == 0:
		return "0, locked"
	}
	return strconv.Itoa(c.Tries)
}
