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

// cardDocument is the JSON document wardlight.card/1.
type cardDocument struct {
	Schema  string     `json:"schema"`
	Reader  string     `json:"reader"`
	Driver  string     `json:"driver"`
	ATR     string     `json:"atr"`         // hex
	UUID    string     `json:"uuid"`        // "" where the common name is not a UUID
	Name    string     `json:"common_name"` // common name of the certificate
	Issuer  string     `json:"issuer"`
	Ends    *string    `json:"certificate_ends"`
	Key     string     `json:"key"`
	Tries   *int       `json:"tries_left"` // null when the card does not report it
	Low     bool       `json:"tries_low"`  // wrong passcodes were typed; the number of tries left is unknown
	Problem *errorPart `json:"error"`      // why the card cannot sign in; null when it can
	certificatePart
}

// certificatePart identifies a card's certificate, for enrolling it at a hub or finding it in the hub's log. The
// fields are "" without a certificate.
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
	return a.withCard(ctx, func(l cardRead) error {
		if a.json {
			return alreadyShown(a.printCard(l.seen, l.unusable), l.unusable)
		}
		return alreadyShown(a.showCard(l.seen), l.unusable)
	})
}

// cardRead is a card as read without a passcode.
type cardRead struct {
	sys      cardreader.System
	reader   string // name, as the system reports it
	card     cardreader.Card
	seen     session.Card // has at least the ATR, which support asks for, if no driver can read the card
	unusable error
}

// withCard reads the cards in the readers and calls do with the chosen card.
func (a *app) withCard(ctx context.Context, do func(cardRead) error) error {
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
	looking := session.CardSearch{
		Open:  func(ctx context.Context, reader string) (cardreader.Card, error) { return a.open(ctx, sys, reader) },
		Clock: a.now, Others: sys.OtherPrograms,
	}
	seen, err := session.Choose(looking.ReadAll(ctx, readers))
	if r := seen.Reader; !r.Present || r.Mute || r.Exclusive {
		return withReaderHint(err) // no card was read
	}
	return do(cardRead{sys: sys, reader: seen.Reader.Name, card: seen.Opened, seen: seen.Card, unusable: err})
}

// alreadyShown returns the error of a command that has already printed its failure. If printing failed, it returns
// that error instead.
func alreadyShown(printing, failed error) error {
	if printing != nil || failed == nil {
		return printing
	}
	return shownError{failed}
}

func (a *app) showCard(c session.Card) error {
	w := &lines{out: a.out}
	for _, row := range [][2]string{
		{"Reader", c.Reader},
		{"Driver", orNotKnown(c.Driver)},
		{"ATR", strings.ToUpper(hex.EncodeToString(c.ATR))},
		holderRow(c),
		{"Certificate ends", nhs.Instant(c.NotAfter, a.zone())},
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

// holderRow returns the table row with the holder of the card.
func holderRow(c session.Card) [2]string {
	what, who := c.Holder()
	return [2]string{"Holder's " + what, orNotKnown(who)}
}

func (a *app) printCard(c session.Card, unusable error) error {
	d := cardDocument{
		Schema: "wardlight.card/1", Reader: c.Reader, Driver: c.Driver, ATR: strings.ToUpper(hex.EncodeToString(c.ATR)),
		UUID: c.UUID, Name: c.Name, Issuer: c.Issuer, Ends: instant(c.NotAfter), Key: c.KeyKind, Low: c.FewTries(),
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
