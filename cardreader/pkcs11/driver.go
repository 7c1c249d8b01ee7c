package pkcs11

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"wardlight/cardreader"
)

// Config is what a Driver is made of.
type Config struct {
	// Program is the binary that runs Serve: this program's own. Helper is what it is called with, its name first, as in
	// os.Args; the module's path is added.
	Program string
	Helper  []string
	// Modules are tried in this order. One that is not installed is passed over, unless the configuration names it.
	Modules []Module
	// Certificate is the label, or the CKA_ID in hex, of the certificate to sign in with; "" chooses by what they say.
	Certificate string
	// Keyless has the passcode handed to the module, also where that would have it typed on the reader.
	Keyless bool
	// Clock returns the time: a certificate that is not valid yet is not chosen while another is. Nil is time.Now.
	Clock func() time.Time
	// Environ is the helper's environment, as os.Environ gives it.
	Environ []string
	// Patience is how long one exchange with the helper may take; 0 is twenty seconds.
	Patience time.Duration
}

// Driver opens cards by their vendors' modules. Its methods may be called from any goroutine; it does one thing at a
// time.
type Driver struct {
	cfg Config

	mu   sync.Mutex
	live *helper // of the card opened last, until it has signed
	card *card   // the card opened last

	leaving sync.WaitGroup // helpers that have been told to end
}

// New makes a Driver. It starts nothing.
func New(c Config) *Driver {
	c.Patience = cmp.Or(c.Patience, patience)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Driver{cfg: c}
}

// Open reads the card in the named reader by the first module that knows it. sys serves to tell its ATR, and to reset
// it where a module died with the passcode in it.
//
// Errors are *cardreader.Error: NotPIV when no module knows the card, NoCertificate when one does and finds none to
// sign in with, KeyUnsupported where that is for the kind of its key, SeveralTokens when it may be one of several,
// NotResponding and Internal for a module that hangs, crashes or cannot be loaded, Busy when ctx ends first, and
// BuiltWithout in a program without cgo.
func (d *Driver) Open(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	if !Built {
		return nil, &cardreader.Error{Kind: cardreader.BuiltWithout}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil { // nobody waits for it any more
		return nil, &cardreader.Error{Kind: cardreader.Busy, Err: err}
	}
	d.drop()
	d.leaving.Wait() // else the module of the last card might still hold the reader
	var tried []error
	for _, m := range d.cfg.Modules {
		if !m.Installed() {
			if m.Named {
				tried = append(tried, absent(m))
			}
			continue
		}
		c, h, err := d.openBy(ctx, m, reader)
		if err == nil {
			c.sys, c.info.ATR = sys, atrOf(ctx, sys, reader)
			d.live, d.card = h, c
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		tried = append(tried, err)
	}
	return nil, tellingMost(tried)
}

// openBy reads the card by one module.
func (d *Driver) openBy(ctx context.Context, m Module, reader string) (*card, *helper, error) {
	h, err := startHelper(ctx, d.cfg, m)
	if err != nil {
		return nil, nil, err
	}
	seen, err := look(ctx, h, reader)
	var at chosen
	if err == nil {
		at, err = seen.choose(d.cfg.Certificate, d.cfg.Clock())
		err = cardreader.ReadBy(seen.driver(), err)
	}
	if err != nil {
		d.end(h)
		return nil, nil, err
	}
	return newCard(d, m, reader, seen, at), h, nil
}

// sight is what a module sees of the card in a reader.
type sight struct {
	library      Library
	slots        []Slot
	certificates []certificate // of all slots
}

// look reads what needs no passcode. The error is of kind NotPIV when the module sees no card there.
func look(ctx context.Context, h *helper, reader string) (sight, error) {
	r, err := h.inspect(ctx)
	if err != nil {
		return sight{}, err
	}
	s := sight{slots: slotsFor(r.Slots, reader)}
	if r.Library != nil {
		s.library = *r.Library
	}
	if len(s.slots) == 0 {
		return sight{}, &cardreader.Error{Kind: cardreader.NotPIV, Err: fmt.Errorf("%s: no token in reader %q", h.module.Path, reader)}
	}
	var failed error
	for _, slot := range s.slots {
		found, err := h.read(ctx, slot.ID)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		s.certificates = append(s.certificates, found...)
	}
	if len(s.certificates) == 0 && failed != nil {
		return sight{}, failed
	}
	return s, nil
}

// choose returns [choose] of the certificates of one card. Where the module does not name its slots after the readers they
// may be of several cards; of those only one may have a certificate to sign in with, else the error is of kind
// SeveralTokens: a passcode must not be sent to somebody else's card.
func (s sight) choose(wanted string, now time.Time) (chosen, error) {
	byCard := map[string][]certificate{}
	for _, c := range s.certificates {
		serial := ""
		if t := s.slot(c.Slot).Token; t != nil {
			serial = t.Serial
		}
		byCard[serial] = append(byCard[serial], c)
	}
	var only chosen
	able := 0
	for _, own := range byCard {
		if at, err := choose(own, wanted, now); err == nil && !now.After(at.parsed.NotAfter) {
			only = at
			able++
		}
	}
	switch able {
	case 0:
		return choose(s.certificates, wanted, now)
	case 1:
		return only, nil
	}
	return chosen{}, &cardreader.Error{Kind: cardreader.SeveralTokens, Err: fmt.Errorf("%d tokens have a certificate to sign in with", able)}
}

// driver returns what the driver is called.
func (s sight) driver() string {
	if s.library.Description == "" {
		return "PKCS#11"
	}
	return fmt.Sprintf("PKCS#11 (%s)", s.library.Description)
}

// slot returns the slot of that number.
func (s sight) slot(id uint) Slot {
	i := slices.IndexFunc(s.slots, func(s Slot) bool { return s.ID == id })
	if i < 0 {
		return Slot{}
	}
	return s.slots[i]
}

// tellingMost returns the error that tells a user most: a card that is known and cannot sign in, then a module that
// failed, then that no module knows the card.
func tellingMost(tried []error) error {
	for _, err := range tried {
		switch cardreader.KindOf(err) {
		case cardreader.NoCertificate, cardreader.KeyUnsupported, cardreader.SeveralTokens:
			return err
		}
	}
	for _, err := range tried {
		if cardreader.KindOf(err) != cardreader.NotPIV {
			return err
		}
	}
	return noDriver(tried)
}

func absent(m Module) error {
	return &cardreader.Error{
		Kind: cardreader.Internal, Detail: "The card's software (PKCS#11 module) is not installed.",
		Hint: "Ask support to look at 'wardlight card modules'.", Err: errors.New(m.Path + " is not there"),
	}
}

// atrOf asks the reader for the card's ATR; nil where there is no telling.
func atrOf(ctx context.Context, sys cardreader.System, reader string) []byte {
	if sys == nil {
		return nil
	}
	link, err := sys.Connect(ctx, reader)
	if err != nil {
		return nil
	}
	defer link.Close(cardreader.Leave)
	return slices.Clone(link.ATR())
}

// drop ends the helper of the card opened last.
func (d *Driver) drop() {
	if d.live != nil {
		d.end(d.live)
	}
	d.live, d.card = nil, nil
}

// end has a helper finish while nobody waits: a signature must not be held up by its module's housekeeping.
func (d *Driver) end(h *helper) { d.leaving.Go(h.end) }

// Close ends what runs. The Driver may still be used after it.
func (d *Driver) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drop()
	d.leaving.Wait()
}
