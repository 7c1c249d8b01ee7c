// Package cardreader knows smartcard readers, the cards in them, and what can go wrong between the two.
//
// It holds the vocabulary (System, Link, Card, Event, Error) and the Watcher. The packages below it do the work:
// pcsc talks to the computer's smartcard service, piv speaks the PIV application, virtual is a card made of software.
package cardreader

import (
	"context"
	"crypto"
	"crypto/x509"
	"time"
)

// System is where readers come from: the computer's PC/SC service, or a reader inside this process.
//
// Wait must be called by one goroutine only (see Watcher): ebfe/scard frees reader names that a second concurrent
// wait still reads. Connect may be called from any goroutine.
type System interface {
	// Wait returns the readers as they are now. It returns at once when they differ from known (nil: nothing is
	// known yet), else when one changes, timeout passes, or ctx ends. No reader at all is an empty list, not an error.
	// Errors are *Error of kind ServiceDown, ServiceRefused, VersionMismatch, BuiltWithout or Internal.
	Wait(ctx context.Context, known []Reader, timeout time.Duration) ([]Reader, error)

	// Connect opens the card in the named reader, shared with other programs, and begins a transaction. It blocks
	// while another program holds one; when ctx ends first the error is of kind Busy.
	Connect(ctx context.Context, reader string) (Link, error)

	// Close releases the service, after the links that were closed before it. A Wait in progress returns soon after.
	Close() error
}

// Reader is one reader at one moment.
type Reader struct {
	Name    string
	Present bool   // a card is in it
	Mute    bool   // a card is in it and does not answer
	InUse   bool   // another program is connected, shared
	Taken   bool   // another program holds it exclusively
	ATR     []byte // the card's answer to reset; nil when there is none
	Events  uint16 // counts insertions and removals since the service started; 0 where the system does not count
}

// Link is an open card, inside a transaction: commands of no other program come between. Keep it short, and never
// hold it while the user types.
type Link interface {
	// Transmit sends one command APDU (ISO 7816-4) and returns the response, status word included: at least two bytes.
	// Errors are *Error of kind Removed, Reset, Unpowered, NotResponding, ServiceDown or Internal.
	Transmit(command []byte) ([]byte, error)
	// ATR is the card's answer to reset, up to 33 bytes.
	ATR() []byte
	// MaxAPDU is the longest APDU, in bytes, that the reader says it passes on; 0 when it does not say.
	MaxAPDU() int
	// Insertion is the same for two links of a System only where nothing was put into the reader, or taken out, between
	// them. It is 0 where the system does not count that.
	Insertion() uint32
	// Keypad reports whether the reader has keys of its own, on which a passcode can be typed.
	Keypad() bool
	// VerifyTyped has the user type a passcode of 6 to 8 digits on the reader, which writes it over the beginning of the
	// command's data, eight bytes FF, sends the command, and returns the card's response as Transmit does. It returns when
	// the passcode was typed, or the reader's time is over. Errors are those of Transmit, and of kind NotTyped.
	VerifyTyped(command []byte) ([]byte, error)
	// Close ends the transaction and disconnects. It may return before that is done; no other program gets the card in
	// between, and System.Close waits for it. A second Close does nothing.
	Close(after Disposition)
}

// Disposition is what becomes of the card when a Link is closed.
type Disposition int

const (
	// Leave keeps the card as it is, a verified passcode included: only after the driver has logged out.
	Leave Disposition = iota
	// Reset resets the card, which forgets the passcode and the selected application.
	Reset
)

// Card is an inserted card whose driver has read all that needs no passcode. It holds no connection: each Sign opens
// a Link of its own, so the card may be used by other programs between.
type Card interface {
	Info() Info
	// Sign verifies the passcode, signs digest with the card's authentication key and makes the card forget the
	// passcode, in one transaction. digest is what hash made. RSA gives PKCS #1 v1.5, ECDSA an ASN.1 DER signature.
	// Sign wipes the passcode, whatever happens. Where Info says OnReader, the passcode may be nil: it is typed on the
	// reader while Sign waits, and never comes to this program. Errors are *Error; WrongPasscode carries the tries left.
	Sign(ctx context.Context, passcode *Passcode, digest []byte, hash crypto.Hash) ([]byte, error)
}

// MessageSigner is a Card that had better be given the message itself, because its driver may have to leave the
// hashing to somebody else's software. SignMessage is Sign with hash of message as the digest, and has its errors.
type MessageSigner interface {
	SignMessage(ctx context.Context, passcode *Passcode, message []byte, hash crypto.Hash) ([]byte, error)
}

// Info is what a card says of itself without a passcode.
type Info struct {
	Reader      string
	Driver      string // "PIV"
	ATR         []byte
	Certificate *x509.Certificate   // of the authentication key
	Tries       int                 // passcode tries left; -1 when the card does not say
	Serial      string              // the card's own identifier (PIV: the UUID in its certificate, in hex); "" when it has none
	Form        Form                // of its passcode
	OnReader    bool                // the passcode is typed on the reader's own keys
	TriesLow    bool                // wrong passcodes were typed, and the card does not say how many tries are left
	CAs         []*x509.Certificate // CA certificates that the card holds beside, in no order; PIV cards have none
}

// Opener opens the card in the named reader with the driver that fits it. Errors are *Error.
type Opener func(ctx context.Context, reader string) (Card, error)

// EventKind says what the Watcher saw.
type EventKind int

const (
	// CardInserted: a card that answers is in the reader. Sent for cards that are in at the start, too.
	CardInserted EventKind = iota + 1
	// CardRemoved: the card, or its reader, is gone. Also sent, before CardInserted, when a card was swapped between two
	// looks.
	CardRemoved
	// CardUnreadable: a card is in the reader and does not answer (Err has kind Mute), or is held by another program.
	CardUnreadable
	// ReadersChanged: a reader came or went. Readers holds those there are now, perhaps none.
	ReadersChanged
	// CardWaiting: a Connect waits for another program that holds the card in the reader. Err has kind Busy, and says who
	// that is where it is known. It is told by Waits, not by the Watcher, and nothing follows when the wait is over.
	CardWaiting
	// ServiceLost: the smartcard service cannot be reached; Err says why. The Watcher keeps trying.
	ServiceLost
)

// Event is one change that the Watcher saw.
type Event struct {
	Kind    EventKind
	Reader  string // of the Card events
	ATR     []byte // of CardInserted
	Readers []Reader
	Err     error // of CardUnreadable, CardWaiting and ServiceLost: an *Error
}
