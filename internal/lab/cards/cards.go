// Package cards is the table of the test bench's named smartcards: one for each thing that can happen at sign-in.
//
// A card is a row here; its key and certificate are made when it is first put in.
package cards

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wardlight/internal/lab/pki"
	"wardlight/rbac"
)

// Passcode is that of every card of the bench. It opens nothing anywhere else.
const Passcode = "246813"

// Tries is how often a passcode may be wrong before a card locks, as on NHS cards.
const Tries = 3

// Condition is what is the matter with a card.
type Condition int

// The conditions. The zero Condition is a card in good order.
const (
	Good     Condition = iota
	Ended              // its certificate has ended
	Revoked            // its certificate is on the revocation list
	Locked             // no passcode tries left
	Stranger           // its certificate is of a CA that the hub does not trust
)

// Card is one named card with the person it belongs to.
type Card struct {
	Name      string // what one types: "nurse"
	UUID      string // 12 digits, printed on the card
	Title     string
	Given     string
	Family    string
	Key       pki.KeyKind
	Condition Condition
	Roles     []rbac.RoleProfile
	Shows     string // what happens with it, in a few words
}

// TriesLeft returns how many wrong passcodes the card still takes when it is first put in.
func (c Card) TriesLeft() int {
	if c.Condition == Locked {
		return 0
	}
	return Tries
}

// Holder returns the person's name as a list has it: "Ms Ada Sample".
func (c Card) Holder() string { return c.Title + " " + c.Given + " " + c.Family }

// Serial returns the serial number of the card's certificate: the last six digits of its UUID.
func (c Card) Serial() int64 {
	var n int64
	for _, d := range c.UUID[len(c.UUID)-6:] {
		n = n*10 + int64(d-'0')
	}
	return n
}

// Validity returns the span of the card's certificate, as cards have it: three years, of which one has passed, or all.
func (c Card) Validity(now time.Time) (from, to time.Time) {
	if c.Condition == Ended {
		return now.AddDate(-3, 0, -203), now.AddDate(0, 0, -203)
	}
	return now.AddDate(-1, 0, 0), now.AddDate(2, 0, 0)
}

// Certificate returns what to ask of the CA for this card.
func (c Card) Certificate(now time.Time) pki.CardRequest {
	from, to := c.Validity(now)
	return pki.CardRequest{UUID: c.UUID, Serial: c.Serial(), Key: c.Key, NotBefore: from, NotAfter: to}
}

// Names lists the cards by name, in the table's order.
func Names() []string {
	var names []string
	for _, c := range All() {
		names = append(names, c.Name)
	}
	return names
}

// UnknownError is given for a card that the table does not have.
type UnknownError struct{ Name string }

// Error names the cards that there are.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no card %q; the cards are %s", e.Name, strings.Join(Names(), ", "))
}

// Find returns the card of that name. The error is *UnknownError.
func Find(name string) (Card, error) {
	all := All()
	i := slices.IndexFunc(all, func(c Card) bool { return c.Name == name })
	if i < 0 {
		return Card{}, &UnknownError{Name: name}
	}
	return all[i], nil
}
