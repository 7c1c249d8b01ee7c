package doctor

import (
	"crypto/x509"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/session"
)

// Facts are what is known, as far as it has been looked at.
type Facts struct {
	At      time.Time // where the terminal stands: dates are told in its zone
	Readers ReaderFacts
	Card    CardFacts
	// Issuers are the authorities that smartcards have to be of; nil leaves that to the hub.
	Issuers    []*x509.Certificate
	IssuersErr error // why Issuers could not be had, though the settings name a file
	Hub        HubFacts
	SignIn     SignInFacts
}

// ReaderFacts are one look at the readers.
type ReaderFacts struct {
	Looking bool                // the service has not answered yet
	Err     error               // the smartcard service cannot be asked; a *cardreader.Error
	Named   string              // reader.name of the settings; "" is any
	List    []cardreader.Reader // those whose name fits
	Others  []string            // programs that may hold a card, where the system can tell (cardreader.OthersOf)
	Used    string              // the reader whose card was looked at; "" when there is none to look at
}

// CardFacts are what the card in ReaderFacts.Used says without a passcode.
type CardFacts struct {
	Reading bool         // it is being read
	Seen    session.Card // as far as it could be read
	Err     error        // what session.Desk.ReadAhead gives
}

// HubFacts are the way to the hub.
type HubFacts struct {
	NotSet   bool          // hub.url is missing
	Settings error         // why the hub cannot even be asked: the settings are wrong
	Asking   bool          // the answer is awaited
	Asked    bool          // Probed holds
	Probed   client.Probed // the last time that it was asked
}

// SignInFacts are a sign-in, where it was asked for.
type SignInFacts struct {
	Done  bool // with In or Err
	Lasts bool // it is still in use; else it was ended at once
	In    session.SignedIn
	Err   error // a *cardreader.Error or a *client.Error
}
