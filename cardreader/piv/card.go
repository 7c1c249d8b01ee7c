// Package piv speaks the PIV application of a smartcard (NIST SP 800-73-4): it reads the authentication certificate
// and signs with the key of container 9A. It works with any reader that a cardreader.System has, and with any card
// that keeps the standard: no vendor command is used.
package piv

import (
	"context"
	"crypto"
	"errors"
	"slices"
	"sync"

	"wardlight/cardreader"
)

// notChecked is added where the passcode certainly did not reach the card.
const notChecked = "Your passcode was not checked."

// card is an inserted PIV card, as read by Open.
type card struct {
	sys       cardreader.System
	info      cardreader.Info
	key       key
	reference byte

	mu       sync.Mutex // one Sign at a time
	extended bool       // extended lengths have worked, or were not tried; once they fail it stays false
}

// Open reads all that needs no passcode from the card in the named reader, in one short transaction, and keeps no
// connection. A certificate that has ended is no error: the caller looks at its dates.
//
// Errors are *cardreader.Error: those of System.Connect and Link.Transmit, NotPIV for a card without the application,
// NoCertificate for an empty or unreadable container, KeyUnsupported for other keys than RSA-2048, RSA-3072, P-256, P-384.
func Open(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	t, err := connect(ctx, sys, reader)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.link.Close(cardreader.Leave) }()

	c := &card{sys: sys, info: cardreader.Info{Reader: reader, Driver: "PIV", ATR: slices.Clone(t.link.ATR()), Tries: -1}}
	if err := c.read(ctx, t); err != nil {
		return nil, err
	}
	c.extended = t.extended
	return c, nil
}

func (c *card) read(ctx context.Context, t *transport) error {
	container, err := t.getData(ctx, objectCert9A)
	if err != nil {
		return err
	}
	if c.info.Certificate, err = certificateOf(container); err != nil {
		return err
	}
	if c.key, err = keyOf(c.info.Certificate.PublicKey); err != nil {
		return err
	}
	discovery, err := optional(t.getData(ctx, objectDiscovery))
	if err != nil {
		return err
	}
	c.reference = passcodeReference(discovery)
	if c.info.Tries, err = t.tries(ctx, c.reference); err != nil {
		return err
	}
	chuid, err := optional(t.getData(ctx, objectCHUID))
	if err != nil {
		return err
	}
	c.info.Serial = serialOf(chuid)
	return nil
}

// optional forgives a card that refuses an object it could do without; a broken link it does not forgive.
func optional(data []byte, err error) ([]byte, error) {
	var e *cardreader.Error
	if errors.As(err, &e) && e.SW != 0 {
		return nil, nil
	}
	return data, err
}

// connect opens a link and selects the application. An error that says nothing of the card (a reset by another
// program, a half-dead handle after a suspend) is met by one fresh start: no passcode has been sent yet.
func connect(ctx context.Context, sys cardreader.System, reader string) (*transport, error) {
	t, err := connectOnce(ctx, sys, reader)
	if err != nil && worthAnother(ctx, err) {
		t, err = connectOnce(ctx, sys, reader)
	}
	return t, err
}

func worthAnother(ctx context.Context, err error) bool {
	var e *cardreader.Error
	if ctx.Err() != nil || !errors.As(err, &e) {
		return false
	}
	return e.Kind == cardreader.WasReset || e.Kind == cardreader.Internal && e.SW == 0
}

func connectOnce(ctx context.Context, sys cardreader.System, reader string) (*transport, error) {
	link, err := sys.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	t := newTransport(link)
	if err := t.selectPIV(ctx); err != nil {
		_ = link.Close(cardreader.Leave)
		return nil, err
	}
	return t, nil
}

// Info is what Open read.
func (c *card) Info() cardreader.Info { return c.info }

// Sign implements cardreader.Card. VERIFY is sent at most once; after it the card is always logged out, or reset where
// it cannot log out.
func (c *card) Sign(ctx context.Context, passcode *cardreader.Passcode, digest []byte, hash crypto.Hash) ([]byte, error) {
	if passcode != nil {
		defer passcode.Wipe()
	}
	if err := checkForm(passcode); err != nil {
		return nil, err
	}
	if _, err := c.key.block(digest, hash); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()

	t, err := connect(ctx, c.sys, c.info.Reader)
	if err != nil {
		return nil, beforeVerify(err)
	}
	if !slices.Equal(t.link.ATR(), c.info.ATR) {
		_ = t.link.Close(cardreader.Leave)
		return nil, &cardreader.Error{Kind: cardreader.Removed, Detail: "The smartcard was changed. " + notChecked}
	}
	t.extended = t.extended && c.extended
	defer func() {
		c.extended = t.extended
		c.forget(ctx, t)
	}()
	if err := t.verify(ctx, c.reference, passcode); err != nil {
		return nil, err
	}
	passcode.Wipe()
	return t.sign(ctx, c.key, digest, hash)
}

// forget ends the login, even when ctx has ended: a passcode left verified serves every other program.
func (c *card) forget(ctx context.Context, t *transport) {
	after := cardreader.Reset
	if t.logOut(context.WithoutCancel(ctx), c.reference) {
		after = cardreader.Leave
	}
	_ = t.link.Close(after)
}

// beforeVerify tells the user who pulled the card in time that no try was used.
func beforeVerify(err error) error {
	var e *cardreader.Error
	if !errors.As(err, &e) || e.Kind != cardreader.Removed && e.Kind != cardreader.NoCard {
		return err
	}
	told := *e
	told.Kind, told.Detail = cardreader.Removed, "The smartcard was removed. "+notChecked
	return &told
}
