// Package cardreader defines smartcard readers, cards, and their errors.
//
// It contains the types that drivers share (System, Link, Card, Event, Error) and the Watcher. Its subpackages are
// implementations: pcsc uses the computer's smartcard service, piv is a driver for the PIV application, pkcs11 is a
// driver for vendors' modules, virtual is a card in software.
package cardreader

import (
	"context"
	"crypto"
	"crypto/x509"
	"time"
)

// System provides readers: the computer's PC/SC service, or a reader in this process.
//
// Wait must be called by one goroutine only (see Watcher), because ebfe/scard frees reader names that a concurrent
// wait still uses. Connect may be called from any goroutine.
type System interface {
	// Wait returns the current readers. It returns at once if they differ from known; a nil known means that nothing
	// is known yet. Otherwise it returns when a reader changes, after timeout, or when ctx is done. Without readers
	// the list is empty, which is no error. Errors are *Error of kind ServiceDown, ServiceRefused, VersionMismatch,
	// BuiltWithout or Internal.
	Wait(ctx context.Context, known []Reader, timeout time.Duration) ([]Reader, error)

	// Connect opens the card in the named reader, shared with other programs, and begins a transaction. It blocks
	// while another program has one. If ctx is done first, the error has kind Busy.
	Connect(ctx context.Context, reader string) (Link, error)

	// Close releases the service, after links that were closed before have been released. A Wait in progress returns
	// soon.
	Close() error
}

// Reader is the state of a reader at one time.
type Reader struct {
	Name      string
	Present   bool   // it contains a card
	Mute      bool   // it contains a card that does not answer
	Shared    bool   // another program is connected in shared mode
	Exclusive bool   // another program is connected exclusively
	ATR       []byte // answer to reset of the card; nil when there is none
	Events    uint16 // number of insertions and removals since the service started; 0 where the system does not count
}

// Link is a connection to a card in a transaction: other programs cannot send commands meanwhile. It should be short,
// and must not be open while the user types.
type Link interface {
	// Transmit sends a command APDU (ISO 7816-4) and returns the response, which includes the status word and so has
	// at least two bytes. Errors are *Error of kind Removed, Reset, Unpowered, NotResponding, ServiceDown or Internal.
	Transmit(command []byte) ([]byte, error)
	// ATR returns the card's answer to reset, up to 33 bytes.
	ATR() []byte
	// MaxAPDU returns the maximum APDU length of the reader in bytes, or 0 if the reader doesn't report it.
	MaxAPDU() int
	// Insertion returns a number that is equal for two links of a System only if no card was inserted or removed
	// between them. It is 0 where the system doesn't count insertions.
	Insertion() uint32
	// Keypad reports whether the reader has its own keypad for passcodes.
	Keypad() bool
	// VerifyTyped lets the user type a passcode of 6 to 8 digits on the reader. The reader writes it over the
	// beginning of the command's data (eight bytes FF), sends the command to the card, and returns the response.
	// VerifyTyped returns after that, or after the reader's timeout. Errors are those of Transmit, and of kind
	// NotTyped.
	VerifyTyped(command []byte) ([]byte, error)
	// Close ends the transaction and disconnects. It may return before that is finished. No other program can use the
	// card before, and System.Close waits for it. A second call does nothing.
	Close(after Disposition)
}

// Disposition is what Link.Close does with the card.
type Disposition int

const (
	// Leave doesn't change the card, which may stay verified. It is only for use after the driver has logged out.
	Leave Disposition = iota
	// Reset resets the card, which ends the verified state and the selection of the application.
	Reset
)

// Card is an inserted card whose driver has read everything that needs no passcode. It has no open connection. Each
// Sign opens its own Link, so that other programs can use the card in between.
type Card interface {
	Info() Info
	// Sign verifies the passcode, signs digest with the card's authentication key, and ends the verified state, in one
	// transaction. digest is a digest of hash. RSA returns a PKCS #1 v1.5 signature, ECDSA an ASN.1 DER signature.
	// Sign always wipes the passcode, also after an error. If Info has OnReader set, the passcode may be nil: the user
	// types it on the reader during Sign, and this program doesn't receive it. Errors are *Error; WrongPasscode has
	// the tries left.
	Sign(ctx context.Context, passcode *Passcode, digest []byte, hash crypto.Hash) ([]byte, error)
}

// MessageSigner is a Card that should be given the message itself, because its driver may have to use a vendor's
// software that computes the hash. SignMessage is equivalent to Sign with the hash of message as digest, and has the
// same errors.
type MessageSigner interface {
	SignMessage(ctx context.Context, passcode *Passcode, message []byte, hash crypto.Hash) ([]byte, error)
}

// Info contains facts about a card that can be read without a passcode.
type Info struct {
	Reader      string
	Driver      string // such as "PIV"
	ATR         []byte
	Certificate *x509.Certificate   // of the authentication key
	Tries       int                 // passcode tries left; -1 if unknown
	Serial      string              // identifier (PIV: the UUID in the certificate, in hex); "" for none
	Form        Form                // permitted form of its passcode
	OnReader    bool                // the passcode is typed on the reader's keypad
	TriesLow    bool                // wrong passcodes were typed, and the number of tries left is unknown
	CAs         []*x509.Certificate // CA certificates on the card, in no order; PIV cards have none
}

// Opener opens the card in the named reader with a suitable driver. Errors are *Error.
type Opener func(ctx context.Context, reader string) (Card, error)

// EventKind is the kind of an Event.
type EventKind int

const (
	// CardInserted means that a card that answers is in the reader. It is also sent at the start for cards that are
	// inserted.
	CardInserted EventKind = iota + 1
	// CardRemoved means that the card, or its reader, was removed. It is also sent, before CardInserted, if a card was
	// replaced between two looks.
	CardRemoved
	// CardUnreadable means that a card doesn't answer (Err has kind Mute), or that another program uses it.
	CardUnreadable
	// ReadersChanged means that a reader was added or removed. Readers has all current ones, and may be empty.
	ReadersChanged
	// CardWaiting means that a Connect waits for another program that uses the card in the reader. Err has kind Busy,
	// and names the program if it is known. It is sent by WaitNotifier, not by the Watcher. No event is sent when the
	// wait is over.
	CardWaiting
	// ServiceLost means that the smartcard service cannot be reached, for the reason in Err. No reader and no card is
	// monitored until the next ReadersChanged. The Watcher tries again.
	ServiceLost
)

// Event is a change that the Watcher detected.
type Event struct {
	Kind    EventKind
	Reader  string // for events of a card
	ATR     []byte // for CardInserted
	Readers []Reader
	Err     error // for CardUnreadable, CardWaiting and ServiceLost: an *Error
}
