// Package cards defines the lab's named smartcards: one for each possible outcome of a sign-in.
//
// This package only describes the cards. Key and certificate are created when a card is first inserted.
// cmd/wardlight-lab, other packages of internal/lab, the benchmarks and tests import it.
package cards

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/internal/lab/pki"
	"wardlight/rbac"
)

// Passcode is the passcode of every card of the lab. It is not used elsewhere.
const Passcode = "246813"

// Tries is the number of wrong passcodes after which a card locks, as on NHS cards.
const Tries = 3

// Condition is a defect of a card.
type Condition int

// The conditions. The zero Condition means that the card works.
const (
	Good        Condition = iota
	Expired               // its certificate has expired
	Revoked               // its certificate is on the revocation list
	Locked                // no passcode tries left
	UntrustedCA           // its CA is not trusted by the hub
)

// Card is a named card with its holder.
type Card struct {
	Name      string // name for commands: "nurse"
	UUID      string // 12 digits, printed on the card
	Title     string
	Given     string
	Family    string
	Key       pki.KeyKind
	Condition Condition
	Roles     []rbac.RoleProfile
	Shows     string // what it demonstrates
}

// TriesLeft returns the number of tries left when the card is first inserted.
func (c Card) TriesLeft() int {
	if c.Condition == Locked {
		return 0
	}
	return Tries
}

// Holder returns the holder's name for lists: "Ms Ada Sample".
func (c Card) Holder() string { return c.Title + " " + c.Given + " " + c.Family }

// Serial returns the serial number of the card's certificate: the last six digits of its UUID.
func (c Card) Serial() int64 {
	var n int64
	for _, d := range c.UUID[len(c.UUID)-6:] {
		n = n*10 + int64(d-'0')
	}
	return n
}

// Validity returns the validity of the card's certificate. It is three years, as on real cards. One year has passed,
// or all of them if the condition is Expired.
func (c Card) Validity(now time.Time) (from, to time.Time) {
	if c.Condition == Expired {
		return now.AddDate(-3, 0, -203), now.AddDate(0, 0, -203)
	}
	return now.AddDate(-1, 0, 0), now.AddDate(2, 0, 0)
}

// Certificate returns the request to the CA for this card's certificate.
func (c Card) Certificate(now time.Time) pki.CardRequest {
	from, to := c.Validity(now)
	return pki.CardRequest{UUID: c.UUID, Serial: c.Serial(), Key: c.Key, NotBefore: from, NotAfter: to}
}

// Names returns the names of the cards in the table's order.
func Names() []string {
	var names []string
	for _, c := range All() {
		names = append(names, c.Name)
	}
	return names
}

// UnknownError is returned for a name that no card has.
type UnknownError struct{ Name string }

// Error returns a message that lists the cards' names.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no card %q; the cards are %s", e.Name, strings.Join(Names(), ", "))
}

// Find returns the card with the name. The error is *UnknownError.
func Find(name string) (Card, error) {
	all := All()
	i := slices.IndexFunc(all, func(c Card) bool { return c.Name == name })
	if i < 0 {
		return Card{}, &UnknownError{Name: name}
	}
	return all[i], nil
}
