package secretstore

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

// SignIn is a sign-in that is saved for later commands. It is valid while its card remains inserted.
type SignIn struct {
	Session client.Sealed
	Role    string // URID of the chosen role; "" if none was chosen
	Card    Card
}

// Format writes only the card's reader for every fmt verb, because the rest is secret.
func (s SignIn) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "(kept sign-in of the card in "+s.Card.Reader+")")
}

// Card identifies the card of a saved sign-in.
type Card struct {
	Reader      string `json:"reader"`
	ATR         string `json:"atr"`         // hex
	Serial      string `json:"serial"`      // card's own identifier; "" if it has none
	Fingerprint string `json:"certificate"` // SHA-256 of the sign-in certificate, hex
	Events      uint16 `json:"events"`      // reader's count of insertions and removals; 0 if it isn't counted
}

// CardOf returns the identification of a card that was read in the reader.
func CardOf(reader cardreader.Reader, read session.Card) Card {
	return Card{
		Reader: reader.Name, ATR: hex.EncodeToString(reader.ATR), Serial: read.Serial,
		Fingerprint: hex.EncodeToString(read.Fingerprint[:]), Events: reader.Events,
	}
}

// StillInserted reports whether a list of readers shows that the card was never removed, as far as can be found out
// without reading it. It returns false after the smartcard service was restarted, because its count starts again.
func (c Card) StillInserted(readers []cardreader.Reader) bool {
	for _, r := range readers {
		if r.Name == c.Reader {
			return r.Present && !r.Mute && r.Events == c.Events && strings.EqualFold(hex.EncodeToString(r.ATR), c.ATR)
		}
	}
	return false
}

// Matches reports whether the card that was read is this card.
func (c Card) Matches(read session.Card) bool {
	fingerprint := hex.EncodeToString(read.Fingerprint[:])
	return read.Fingerprint != [len(read.Fingerprint)]byte{} && c.Fingerprint == fingerprint && c.Serial == read.Serial
}

// document is the stored form of a SignIn.
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

// parseSignIn decodes what bytes returned. The error is an *Error of kind Damaged.
func parseSignIn(b []byte) (SignIn, error) {
	var d document
	if json.Unmarshal(b, &d) != nil || d.Version != version {
		return SignIn{}, &Error{Kind: Damaged}
	}
	defer clear(d.Session)
	saved := SignIn{Role: d.Role, Card: d.Card}
	if err := saved.Session.UnmarshalBinary(d.Session); err != nil {
		return SignIn{}, &Error{Kind: Damaged, Err: err}
	}
	return saved, nil
}
