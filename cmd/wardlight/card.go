package main

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/spf13/cobra"

	"wardlight/cardreader"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

// cardDocument is wardlight.card/1.
type cardDocument struct {
	Schema  string     `json:"schema"`
	Reader  string     `json:"reader"`
	Driver  string     `json:"driver"`
	ATR     string     `json:"atr"`         // hex
	UUID    string     `json:"uuid"`        // "" where the common name is no UUID
	Name    string     `json:"common_name"` // of the certificate
	Issuer  string     `json:"issuer"`
	Ends    *string    `json:"certificate_ends"`
	Key     string     `json:"key"`
	Tries   *int       `json:"tries_left"` // null when the card does not say
	Low     bool       `json:"tries_low"`  // wrong passcodes were typed, and the card does not say how many tries are left
	Problem *errorPart `json:"error"`      // why it cannot sign in; null when it can
	certificatePart
}

// certificatePart is what a hub's operator enrols a card's certificate by, or finds it by in the log; "" without one.
type certificatePart struct {
	SHA256     string `json:"certificate_sha256"`
	Number     string `json:"certificate_serial"` // hex
	IssuerName string `json:"certificate_issuer"` // RFC 2253
}

func certificateOf(c session.Card) certificatePart {
	return certificatePart{SHA256: c.SHA256(), Number: c.CertificateSerial, IssuerName: c.IssuerName}
}

func newCard(a *app) *cobra.Command {
	card := &cobra.Command{
		Use:   "card",
		Short: "Look at the smartcard in the reader",
		Args:  a.noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	card.AddCommand(&cobra.Command{
		Use:   "show",
		Short: "Show what the card says of itself without a passcode",
		Long: `Show what the card says of itself without a passcode. The hub is not asked.

The exit code is 3 when the card could not sign in now: ended, locked, or no card at all.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.card(cmd.Context()) },
	})
	card.AddCommand(newCardReaders(a), newCardWatch(a), newCardTest(a))
	card.AddCommand(newCardModules(a))
	return card
}

func (a *app) card(ctx context.Context) error {
	return a.withCard(ctx, func(l looked) error {
		if a.json {
			return told(a.printCard(l.seen, l.unusable), l.unusable)
		}
		return told(a.showCard(l.seen), l.unusable)
	})
}

// looked is the card in the reader before any passcode.
type looked struct {
	sys      cardreader.System
	reader   string // its name, as the system has it
	card     cardreader.Card
	seen     session.Card // of a card that no driver can read the ATR at least: it is what support asks for
	unusable error
}

// withCard looks at the cards in the readers, for do with the one that is chosen.
func (a *app) withCard(ctx context.Context, do func(looked) error) error {
	c, err := a.load()
	if err != nil {
		return err
	}
	sys := a.cards(c)
	defer func() { _ = sys.Close() }()
	readers, err := session.Readers(ctx, sys, c.Reader)
	if err != nil {
		return err
	}
	looking := session.Looking{
		Open:  func(ctx context.Context, reader string) (cardreader.Card, error) { return a.open(ctx, sys, reader) },
		Clock: a.now, Others: sys.Others,
	}
	seen, err := session.Choose(looking.All(ctx, readers))
	if r := seen.Reader; !r.Present || r.Mute || r.Taken {
		return named(err) // nothing was looked at
	}
	return do(looked{sys: sys, reader: seen.Reader.Name, card: seen.Opened, seen: seen.Card, unusable: err})
}

// told ends a command whose failure is part of what it printed, unless that could not be printed.
func told(printing, failed error) error {
	if printing != nil || failed == nil {
		return printing
	}
	return toldError{failed}
}

func (a *app) showCard(c session.Card) error {
	w := &lines{out: a.out}
	for _, row := range [][2]string{
		{"Reader", c.Reader},
		{"Driver", orNotKnown(c.Driver)},
		{"ATR", strings.ToUpper(hex.EncodeToString(c.ATR))},
		holderRow(c),
		{"Certificate ends", nhs.Instant(c.Ends, a.zone())},
		{"Issuer", orNotKnown(c.IssuerName)},
		{"Serial number", orNotKnown(c.CertificateSerial)},
		{"SHA-256", orNotKnown(c.SHA256())},
		{"Key", orNotKnown(c.KeyKind)},
		{"Passcode tries left", triesNumber(c)},
	} {
		w.text("%-20s %s", row[0], row[1])
	}
	return w.err
}

// holderRow returns the row that says whose card it is.
func holderRow(c session.Card) [2]string {
	what, who := c.Holder()
	return [2]string{"Holder's " + what, orNotKnown(who)}
}

func (a *app) printCard(c session.Card, unusable error) error {
	d := cardDocument{
		Schema: "wardlight.card/1", Reader: c.Reader, Driver: c.Driver, ATR: strings.ToUpper(hex.EncodeToString(c.ATR)),
		UUID: c.UUID, Name: c.Name, Issuer: c.Issuer, Ends: instant(c.Ends), Key: c.KeyKind, Low: c.FewTries(),
		certificatePart: certificateOf(c),
	}
	if c.Tries >= 0 {
		d.Tries = &c.Tries
	}
	if unusable != nil {
		part := errorOf(unusable)
		d.Problem = &part
	}
	return a.print(d)
}
