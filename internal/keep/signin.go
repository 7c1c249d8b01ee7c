package keep

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/session"
)

// SignIn is a sign-in that is kept for later commands, while its card stays in.
type SignIn struct {
	Session client.Sealed
	Role    string // the URID to act in; "" when none was chosen
	Card    Card
}

// Format hides all but the card from every fmt verb.
func (s SignIn) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "(kept sign-in of the card in "+s.Card.Reader+")")
}

// Card is what a kept sign-in knows its card by.
type Card struct {
	Reader      string `json:"reader"`
	ATR         string `json:"atr"`         // hex
	Serial      string `json:"serial"`      // the card's own identifier; "" when it has none
	Fingerprint string `json:"certificate"` // SHA-256 of the sign-in certificate, hex
	Events      uint16 `json:"events"`      // the reader's count of insertions and removals; 0 where nobody counts
}

// CardOf returns the card that was read in the reader.
func CardOf(reader cardreader.Reader, read session.Card) Card {
	return Card{
		Reader: reader.Name, ATR: hex.EncodeToString(reader.ATR), Serial: read.Serial,
		Fingerprint: hex.EncodeToString(read.Fingerprint[:]), Events: reader.Events,
	}
}

// StillIn tells, of one look at the readers, whether a card has been in the reader ever since: what can be known
// without reading the card. It is no when the service that counts was started anew, for then nobody knows.
func (c Card) StillIn(readers []cardreader.Reader) bool {
	for _, r := range readers {
		if r.Name == c.Reader {
			return r.Present && !r.Mute && r.Events == c.Events && strings.EqualFold(hex.EncodeToString(r.ATR), c.ATR)
		}
	}
	return false
}

// Is tells whether the card that was read is this one.
func (c Card) Is(read session.Card) bool {
	fingerprint := hex.EncodeToString(read.Fingerprint[:])
	return read.Fingerprint != [len(read.Fingerprint)]byte{} && c.Fingerprint == fingerprint && c.Serial == read.Serial
}

// document is a SignIn as it is stored.
type document struct {
	Version int    `json:"version"`
	Session []byte `json:"session"`
	Role    string `json:"role"`
	Card    Card   `json:"card"`
}

const version = 1

func (s SignIn) bytes() ([]byte, error) {
	sealed, err := s.Session.MarshalBinary()
	if err != nil {
		return nil, err
	}
	defer clear(sealed)
	return json.Marshal(document{Version: version, Session: sealed, Role: s.Role, Card: s.Card})
}

// parseSignIn reads what bytes gave. The error is *Error of kind Damaged.
func parseSignIn(b []byte) (SignIn, error) {
	var d document
	if json.Unmarshal(b, &d) != nil || d.Version != version {
		return SignIn{}, &Error{Kind: Damaged}
	}
	defer clear(d.Session)
	kept := SignIn{Role: d.Role, Card: d.Card}
	if err := kept.Session.UnmarshalBinary(d.Session); err != nil {
		return SignIn{}, &Error{Kind: Damaged, Err: err}
	}
	return kept, nil
}
