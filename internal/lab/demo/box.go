package demo

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"wardlight/cardreader/virtual"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/pki"
)

// cardBox stores the demo's cards. A card is created on first use and the same one is returned afterwards, so that its
// count of tries left survives a removal from the reader.
type cardBox struct {
	trusted, untrusted *pki.CA
	now                func() time.Time

	mu   sync.Mutex
	made map[string]*virtual.Card
}

// newBox creates both CAs and adds the revoked cards to the revocation list of the trusted one.
func newBox(now func() time.Time) (*cardBox, error) {
	trusted, err := pki.New("Wardlight Lab CA", now)
	if err != nil {
		return nil, err
	}
	unknown, err := pki.New("Somebody Else's CA", now)
	if err != nil {
		return nil, err
	}
	for _, c := range cards.All() {
		if c.Condition == cards.Revoked {
			trusted.Revoke(c.Serial(), now().AddDate(0, 0, -revokedDays))
		}
	}
	return &cardBox{trusted: trusted, untrusted: unknown, now: now, made: make(map[string]*virtual.Card)}, nil
}

// revokedDays is how many days ago the revoked card was revoked.
const revokedDays = 9

// card returns the card with the name. The error is a *cards.UnknownError, or an error of creating the card.
func (b *cardBox) card(name string) (*virtual.Card, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if made, ok := b.made[name]; ok {
		return made, nil
	}
	row, err := cards.Find(name)
	if err != nil {
		return nil, err
	}
	card, err := b.issue(row)
	if err != nil {
		return nil, fmt.Errorf("card %s: %w", name, err)
	}
	b.made[name] = card
	return card, nil
}

func (b *cardBox) issue(row cards.Card) (*virtual.Card, error) {
	ca := b.trusted
	if row.Condition == cards.UntrustedCA {
		ca = b.untrusted
	}
	issued, err := ca.IssueCard(row.Certificate(b.now()))
	if err != nil {
		return nil, err
	}
	config := virtual.Config{
		Key: issued.Key, Certificate: issued.DER(), Passcode: []byte(cards.Passcode), Tries: cards.Tries,
		GUID: guid(row),
	}
	card, err := virtual.New(config)
	if err == nil && row.Condition == cards.Locked {
		err = lock(card)
	}
	return card, err
}

// guid returns a version 8 UUID (RFC 9562 §5.8) that contains the digits of the holder's UUID.
func guid(row cards.Card) [16]byte {
	g := [16]byte{'W', 'A', 'R', 'D'}
	copy(g[4:], row.UUID)
	g[6] = 0x80 | g[6]&0x0F
	g[8] = 0x80 | g[8]&0x3F
	return g
}

// lock uses up the card's tries with wrong passcodes (SP 800-73-4 part 2, §3.2.1).
func lock(card *virtual.Card) error {
	selectPIV := []byte{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00}
	verify := []byte{0x00, 0x20, 0x00, 0x80, 0x08, '0', '0', '0', '0', '0', '0', 0xFF, 0xFF}
	card.Process(selectPIV)
	for range cards.Tries {
		card.Process(verify)
	}
	card.Reset()
	if card.TriesLeft() != 0 {
		return errors.New("the card did not lock")
	}
	return nil
}
