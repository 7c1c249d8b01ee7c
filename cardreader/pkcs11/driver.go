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

// Config configures a Driver.
type Config struct {
	// Program is the path of the binary that calls Serve, this program's own. Helper are its arguments, beginning with
	// the program's name as in os.Args. The path of the module is appended.
	Program string
	Helper  []string
	// Modules are tried in this order. A module that is not installed is skipped, unless the configuration names it.
	Modules []Module
	// Certificate is the label, or the CKA_ID in hex, of the certificate to sign in with. If it is "", the best
	// certificate is chosen by its contents.
	Certificate string
	// IgnoreKeypad disables the keypads of readers: the passcode is passed to the module even if the token's flags ask
	// for the keypad.
	IgnoreKeypad bool
	// Clock returns the current time. Certificates that are valid at this time are preferred. Nil means time.Now.
	Clock func() time.Time
	// Environ is the environment of helpers, in the format of os.Environ.
	Environ []string
	// Timeout is the timeout of one exchange with a helper. 0 means twenty seconds.
	Timeout time.Duration
}

// Driver opens cards with their vendors' modules. It is safe for concurrent use. Its operations run one at a time.
type Driver struct {
	cfg Config

	mu     sync.Mutex
	helper *helper // helper of card, until it has signed
	card   *card   // the card opened last

	exiting sync.WaitGroup // helpers that are exiting
}

// New returns a Driver. It starts no helper.
func New(c Config) *Driver {
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return &Driver{cfg: c}
}

// Open reads the card in the named reader with the first module that supports it. sys is used to read the ATR, and to
// reset the card if a module dies after it has received the passcode.
//
// Errors are *cardreader.Error with these kinds:
// - NotPIV if no module supports the card,
// - NoCertificate if a module supports the card and finds no certificate to sign in with,
// - KeyUnsupported if that is only because of the kind of the keys,
// - SeveralTokens if the card may be one of several,
// - NotResponding or Internal if a module hangs, crashes or cannot be loaded,
// - Busy if ctx is done first, and
// - BuiltWithout in a program without cgo.
func (d *Driver) Open(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	if !Supported {
		return nil, &cardreader.Error{Kind: cardreader.BuiltWithout}
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil { // the caller gave up while waiting for the lock
		return nil, &cardreader.Error{Kind: cardreader.Busy, Err: err}
	}

	d.drop()
	d.exiting.Wait() // otherwise the previous card's module might still use the reader
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
			d.helper, d.card = h, c
			return c, nil
		}

		if ctx.Err() != nil {
			return nil, err
		}

		tried = append(tried, err)
	}

	return nil, mostUsefulError(tried)
}

// openBy reads the card with one module.
func (d *Driver) openBy(ctx context.Context, m Module, reader string) (*card, *helper, error) {
	h, err := startHelper(ctx, d.cfg, m)
	if err != nil {
		return nil, nil, err
	}
	seen, err := readCard(ctx, h, reader)
	var at chosen
	if err == nil {
		at, err = seen.choose(d.cfg.Certificate, d.cfg.Clock())
		err = cardreader.WithDriver(seen.driver(), err)
	}
	if err != nil {
		d.end(h)
		return nil, nil, err
	}
	return newCard(d, m, reader, seen, at), h, nil
}

// cardView is what a module reports about the card in a reader.
type cardView struct {
	library      Library
	slots        []Slot
	certificates []certificate // in all slots
}

// readCard reads what can be read without a passcode. The error has kind NotPIV if the module reports no card in the
// reader.
func readCard(ctx context.Context, h *helper, reader string) (cardView, error) {
	r, err := h.inspect(ctx)
	if err != nil {
		return cardView{}, err
	}

	s := cardView{slots: slotsOf(r.Slots, reader)}
	if r.Library != nil {
		s.library = *r.Library
	}

	if len(s.slots) == 0 {
		return cardView{}, &cardreader.Error{Kind: cardreader.NotPIV, Err: fmt.Errorf("%s: no token in reader %q",
			h.module.Path, reader)}
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
		return cardView{}, failed
	}

	return s, nil
}

// choose returns the certificate to sign in with. If the module doesn't name its slots after readers, the slots may
// contain several cards. If more than one of them has a suitable certificate, the error has kind SeveralTokens,
// because the passcode must not be sent to another person's card.
func (s cardView) choose(wanted string, now time.Time) (chosen, error) {
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

	return chosen{}, &cardreader.Error{
		Kind: cardreader.SeveralTokens,
		Err:  fmt.Errorf("%d tokens have a certificate to sign in with", able),
	}
}

// driver returns the driver's name for display.
func (s cardView) driver() string {
	if s.library.Description == "" {
		return "PKCS#11"
	}
	return fmt.Sprintf("PKCS#11 (%s)", s.library.Description)
}

// slot returns the slot with that number.
func (s cardView) slot(id uint) Slot {
	i := slices.IndexFunc(s.slots, func(s Slot) bool { return s.ID == id })
	if i < 0 {
		return Slot{}
	}
	return s.slots[i]
}

// mostUsefulError returns the most useful error for the user: first that of a card that is supported and cannot sign
// in, then that of a module that failed, then that no module supports the card.
func mostUsefulError(tried []error) error {
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
	return noDriverError(tried)
}

func absent(m Module) error {
	return &cardreader.Error{
		Kind: cardreader.Internal, Detail: "The card's software (PKCS#11 module) is not installed.",
		Hint: "Ask support to look at 'wardlight card modules'.", Err: errors.New(m.Path + " is not there"),
	}
}

// atrOf returns the ATR of the card in the reader, or nil if it cannot be read.
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
	if d.helper != nil {
		d.end(d.helper)
	}
	d.helper, d.card = nil, nil
}

// end ends a helper in the background, so that a signature need not wait for the module's cleanup.
func (d *Driver) end(h *helper) { d.exiting.Go(h.end) }

// Close ends all helpers. The Driver may be used again afterwards.
func (d *Driver) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drop()
	d.exiting.Wait()
}
