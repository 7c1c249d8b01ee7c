package doctor

import (
	"crypto/x509"
	"slices"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/session"
)

// Facts are the observations from which Judge derives the checks.
type Facts struct {
	At      time.Time // time of the examination; its zone is used for displayed dates
	Readers ReaderFacts
	Card    CardFacts
	// Issuers are the CAs that may issue smartcards; if nil, only the hub checks the issuer.
	Issuers    []*x509.Certificate
	IssuersErr error // error of reading the configured file with Issuers
	Hub        HubFacts
	SignIn     SignInFacts
}

// ReaderFacts are the result of examining the readers.
type ReaderFacts struct {
	Looking bool                // the service has not yet responded
	Err     error               // error of the smartcard service; a *cardreader.Error
	Named   string              // setting reader.name; "" means any
	List    []cardreader.Reader // readers with a matching name
	// programs that may have a card open, if the system can find out (cardreader.OtherPrograms)
	Others []string
	Used   string // name of the reader with the chosen card; "" if there is none
	// Several lists the cards that can sign in if there is more than one. The first is in the reader Used.
	Several []session.Card
	// Passed lists the readers whose card was examined and not chosen, with the reasons.
	Passed []session.CardResult
}

// Choice returns the readers from which a card is chosen for a sign-in: the reader of the card chosen here, or all
// readers if the user must choose between several cards.
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

// CardFacts are what could be read from the card in ReaderFacts.Used without a passcode.
type CardFacts struct {
	Reading bool         // the card is being read
	Seen    session.Card // as far as it could be read
	Err     error        // error of session.Desk.ReadAhead
}

// HubFacts are the result of probing the hub.
type HubFacts struct {
	NotSet   bool  // setting hub.url is missing
	Settings error // error in the settings that prevents probing
	// source that makes the address unchangeable on this computer; "" if users may change it
	FinalSource string
	Probing     bool               // the probe is in progress
	HasProbe    bool               // Probed is valid
	Probed      client.ProbeResult // result of the last probe
}

// SignInFacts are the result of a sign-in, if one was requested.
type SignInFacts struct {
	Done  bool // In or Err is set
	Lasts bool // the session is still active; otherwise it was ended at once
	In    session.SignedIn
	Err   error // a *cardreader.Error or a *client.Error
}
