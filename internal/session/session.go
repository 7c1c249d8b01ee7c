// Package session manages a sign-in: reading the card ahead of the passcode, the sign-in itself, the role, the calls
// made in that role, and the end. The terminal program and the commands share it.
package session

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/fault"
	"wardlight/rbac"
)

// Card is what may be shown of an inserted card before the passcode is typed.
type Card struct {
	Reader   string // name of its reader, cleaned
	Slot     string // name of its reader as in the smartcard service, for comparison only
	Driver   string
	ATR      []byte
	UUID     string    // the certificate's common name if it is a UUID, and otherwise ""
	Name     string    // the certificate's common name
	NotAfter time.Time // end of the certificate's validity
	Issuer   string    // common name of the issuer
	Tries    int       // passcode tries left; -1 if the card does not report it
	KeyKind  string    // such as "RSA 2048"
	// Form is the form of the card's passcode. TriesLow reports that wrong passcodes were typed and Tries is not
	// known.
	Form     cardreader.Form
	TriesLow bool
	OnReader bool   // the passcode is typed on the reader's own keys
	Serial   string // identifier of the card; "" if it has none
	// Fingerprint is the SHA-256 of the certificate, or zero without one.
	Fingerprint [sha256.Size]byte
	// IssuerName is the full name of the issuer (RFC 2253). CertificateSerial is the certificate's serial number in
	// lower-case hex, as the hub writes it. Both are "" without a certificate.
	IssuerName        string
	CertificateSerial string
	// Certificate is the card's certificate, for checks of its issuer; nil if there is none.
	Certificate *x509.Certificate
	// CAs are further CA certificates on the card.
	CAs []*x509.Certificate
}

// Holder returns the holder of the card as the certificate names them, and the kind of that name: the UUID of an NHS
// smartcard, or the common name of another card.
func (c Card) Holder() (what, who string) {
	if c.UUID != "" || c.Name == "" {
		return "UUID", c.UUID
	}
	return "Name", c.Name
}

// FewTries reports whether wrong passcodes were typed and the card does not report how many tries are left.
func (c Card) FewTries() bool { return c.TriesLow && c.Tries < 0 }

// SHA256 returns the fingerprint in lower-case hex, or "" without a certificate.
func (c Card) SHA256() string {
	if c.CertificateSerial == "" {
		return ""
	}
	return hex.EncodeToString(c.Fingerprint[:])
}

// SignedIn is the person who signed in, and the roles to choose from.
type SignedIn struct {
	Person client.Person
	Roles  []rbac.RoleProfile // in the hub's order
	Usable []rbac.RoleProfile // the roles for which rbac.Usable is true
	Lists  client.RevocationList
	// ByBrowser reports that the person signed in in the browser, without a card that this program has seen.
	ByBrowser bool
}

// ErrNoSession is returned by a call that needs a session, or a role, when there is none. It is a [fault.Fault].
var ErrNoSession error = noSession{}

// noSession is the type of [ErrNoSession].
type noSession struct{}

func (noSession) Error() string      { return "no session" }
func (noSession) Sentence() string   { return "The session has ended." }
func (noSession) Advice() string     { return "Sign in again." }
func (noSession) Code() string       { return "T01" }
func (noSession) Name() string       { return "signed_out" }
func (noSession) Class() fault.Class { return fault.SignIn }

// Reason is the reason for the end of a session, as logged.
type Reason string

// The reasons for the end of a session.
const (
	CardRemoved Reason = "card removed"
	Locked      Reason = "locked by the user"
	Idle        Reason = "idle too long"
	Quit        Reason = "program ended"
)
