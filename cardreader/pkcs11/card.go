package pkcs11

import (
	"bytes"
	"context"
	"crypto"
	"slices"

	"wardlight/cardreader"
)

// card is an inserted card, accessed through a module.
type card struct {
	driver *Driver
	sys    cardreader.System
	module Module
	info   cardreader.Info
	at     chosen

	tries tries // last state reported by the module; guarded by driver.mu
}

func newCard(d *Driver, m Module, reader string, s cardView, at chosen) *card {
	info := cardreader.Info{Reader: reader, Driver: s.driver(), Certificate: at.parsed, Tries: -1, Form: Token{}.Form()}
	info.CAs = casIn(s.certificates, at.Slot)
	if t := s.slot(at.Slot).Token; t != nil {
		info.Tries, info.TriesLow = t.Tries()
		info.Form, info.Serial, info.OnReader = t.Form(), t.Serial, t.OnReader() && !d.cfg.IgnoreKeypad
	}
	return &card{driver: d, module: m, info: info, at: at, tries: tries{info.Tries, info.TriesLow}}
}

// Info returns the facts that Open read.
func (c *card) Info() cardreader.Info { return c.info }

// Sign implements cardreader.Card.
func (c *card) Sign(ctx context.Context, passcode *cardreader.Passcode, digest []byte,
	hash crypto.Hash,
) ([]byte, error) {
	return c.sign(ctx, passcode, digest, nil, hash)
}

// SignMessage implements cardreader.MessageSigner.
func (c *card) SignMessage(ctx context.Context, passcode *cardreader.Passcode, message []byte,
	hash crypto.Hash,
) ([]byte, error) {
	h := hash.New()
	_, _ = h.Write(message)
	return c.sign(ctx, passcode, h.Sum(nil), message, hash)
}

// sign logs in, signs and logs out in a helper, which exits afterwards, so that no copy of the passcode remains in the
// module. It then resets the card, because OpenSC's logout leaves a PIV card verified.
//
// A rejected passcode is never sent again. If the module lost the card, but the card is back, a new helper sends the
// passcode once more, unless it was rejected.
func (c *card) sign(ctx context.Context, passcode *cardreader.Passcode, digest, message []byte,
	hash crypto.Hash,
) ([]byte, error) {
	if passcode != nil {
		defer passcode.Wipe()
	}

	if c.info.OnReader {
		passcode = nil
	} else if err := c.info.Form.Check(passcode); err != nil {
		return nil, err
	}

	public := c.at.parsed.PublicKey
	data, err := toSign(public, digest, hash)
	if err != nil {
		return nil, err
	}

	c.driver.mu.Lock()
	defer c.driver.mu.Unlock()

	want := request{Op: opSign, Slot: c.at.Slot, Sign: &signing{
		OnReader: c.info.OnReader, ID: c.at.ID, Certificate: c.at.DER, RSA: isRSA(public), Data: data, Message: message,
		Hash: uint(hash),
	}}

	h := c.driver.take(c)
	for again := false; ; again = true {
		if h == nil {
			if h, want.Slot, err = c.find(ctx); err != nil {
				return nil, err
			}
		}

		r, err := h.call(ctx, want, secretOf(passcode))
		c.driver.end(h)
		if err != nil || r.CKR == ckrOK && !r.AnotherCard || afterLogin(r.Step) {
			c.reset(ctx)
		}

		if err != nil { // how far the helper got is not known
			return nil, cardreader.PossiblyUsedTry(err)
		}

		if !again && canRetry(r) && ctx.Err() == nil {
			h = nil
			continue
		}

		if _, err := h.success(r, nil); err != nil {
			return nil, c.loginError(err, r)
		}

		return signatureOf(public, digest, hash, r.Signature)
	}
}

// secretOf returns the bytes of a passcode, or nil for a nil passcode.
func secretOf(p *cardreader.Passcode) []byte {
	if p == nil {
		return nil
	}
	return p.Bytes()
}

// loginError adds to err what the token's flags before and after the login imply about the passcode.
func (c *card) loginError(err error, r reply) error {
	if r.Step != stepLogin {
		return err
	}
	before := c.tries
	if r.Flags != 0 {
		c.tries.number, c.tries.low = triesIn(r.Flags)
	}
	return loginError(err, r, before)
}

// take returns the helper that opened the card and gives up its ownership, or returns nil if it has exited.
func (d *Driver) take(c *card) *helper {
	if d.card != c || d.helper == nil || !d.helper.alive() {
		d.drop()
		return nil
	}
	h := d.helper
	d.helper, d.card = nil, nil
	return h
}

// find starts a new helper and searches all slots for the same certificate.
func (c *card) find(ctx context.Context) (*helper, uint, error) {
	c.driver.exiting.Wait()
	h, err := startHelper(ctx, c.driver.cfg, c.module)
	if err != nil {
		return nil, 0, err
	}
	seen, err := readCard(ctx, h, c.info.Reader)
	if err == nil {
		same := slices.IndexFunc(seen.certificates, func(o certificate) bool { return bytes.Equal(o.DER, c.at.DER) })
		if same >= 0 {
			return h, seen.certificates[same].Slot, nil
		}
		err = &cardreader.Error{Kind: cardreader.Removed, Detail: "The smartcard was changed. " + notChecked}
	}
	c.driver.end(h)
	if cardreader.KindOf(err) == cardreader.NotPIV { // the module supported the card before
		err = &cardreader.Error{Kind: cardreader.Removed, Detail: "The smartcard was removed. " + notChecked, Err: err}
	}
	return nil, 0, err
}

// reset resets the card, which ends the verified state, if the reader allows it. A card left verified could be used by
// any other program.
func (c *card) reset(ctx context.Context) {
	if c.sys == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), resetTimeout)
	defer cancel()
	if link, err := c.sys.Connect(ctx, c.info.Reader); err == nil {
		link.Close(cardreader.Reset)
	}
}
