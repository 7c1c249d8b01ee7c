package doctor

import (
	"crypto/x509"
	"slices"
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
	Used    string              // the reader whose card was chosen; "" when there is none
	// Several are the cards that can sign in, where there is more than one. The first stands in Used.
	Several []session.Card
	// Passed are the readers with a card that was passed over, and why, as far as they were looked at.
	Passed []session.Seen
}

// Choice returns the readers to choose a card from for a sign-in: the one that was chosen here, or all of them where
// somebody has to say which card is meant.
func (r ReaderFacts) Choice() []cardreader.Reader {
	if len(r.Several) > 0 {
		return r.List
	}
	used := slices.IndexFunc(r.List, func(l cardreader.Reader) bool { return l.Name == r.Used })
	if used < 0 {
		return nil
	}
	return r.List[used : used+1]
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
	Final    string        // where the computer makes its address final; "" where a user may set it
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
