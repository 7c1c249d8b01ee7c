// Package session is one sign-in and its life: what is read ahead of the passcode, the passcode itself, the role, the
// calls made in that role, and the end. The terminal program and the commands share it.
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

// Card is what the screen may know of an inserted card before the passcode.
type Card struct {
	Reader  string // its reader's name, cleaned
	Slot    string // the same as the smartcard service has it: for comparing, not for the screen
	Driver  string
	ATR     []byte
	UUID    string    // the certificate's common name, where that is of a UUID's form; "" else
	Name    string    // the certificate's common name
	Ends    time.Time // of the certificate
	Issuer  string    // its common name
	Tries   int       // passcode tries left; -1 when the card does not say
	KeyKind string    // "RSA 2048"
	// Form is what the card's passcode may look like; TriesLow, that wrong ones were typed and Tries is not known.
	Form     cardreader.Form
	TriesLow bool
	OnReader bool   // the passcode is typed on the reader's own keys
	Serial   string // the card's own identifier; "" when it has none
	// Fingerprint is the SHA-256 of the certificate; zero without one.
	Fingerprint [sha256.Size]byte
	// IssuerName is the whole name of the issuer (RFC 2253), and CertificateSerial the certificate's number in lower-case hex,
	// as the hub writes them; "" without a certificate.
	IssuerName        string
	CertificateSerial string
	// Certificate is the card's own, for those who check who issued it; nil when there is none.
	Certificate *x509.Certificate
	// CAs are CA certificates that the card holds beside.
	CAs []*x509.Certificate
}

// Holder returns whose card it is as the certificate has it, and what that is: the UUID of an NHS smartcard, or the common
// name of another one, which is no UUID.
func (c Card) Holder() (what, who string) {
	if c.UUID != "" || c.Name == "" {
		return "UUID", c.UUID
	}
	return "Name", c.Name
}

// FewTries reports whether wrong passcodes were typed, and the card does not say how many tries are left.
func (c Card) FewTries() bool { return c.TriesLow && c.Tries < 0 }

// SHA256 returns the fingerprint in lower-case hex; "" without a certificate.
func (c Card) SHA256() string {
	if c.CertificateSerial == "" {
		return ""
	}
	return hex.EncodeToString(c.Fingerprint[:])
}

// SignedIn is who signed in, and the roles they may choose from.
type SignedIn struct {
	Person client.Person
	Roles  []rbac.RoleProfile // in the hub's order
	Usable []rbac.RoleProfile // those that can do the front door's job
	Lists  client.RevocationList
}

// ErrNoSession is given by a call that needs a session, or a role, when there is none.
// It is a [fault.Fault].
var ErrNoSession error = noSession{}

// noSession is the error of a call without a session.
type noSession struct{}

func (noSession) Error() string      { return "no session" }
func (noSession) Sentence() string   { return "The session has ended." }
func (noSession) Advice() string     { return "Sign in again." }
func (noSession) Code() string       { return "T01" }
func (noSession) Name() string       { return "signed_out" }
func (noSession) Class() fault.Class { return fault.SignIn }

// Reason is why a session ends.
type Reason string

// The reasons.
const (
	CardRemoved Reason = "card removed"
	Locked      Reason = "locked by the user"
	Idle        Reason = "idle too long"
	Quit        Reason = "program ended"
)
