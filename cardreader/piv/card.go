// Package piv implements a driver for the PIV application of smartcards (NIST SP 800-73-4). It reads the
// authentication certificate and signs with the key of container 9A. It works with any reader of a cardreader.System
// and any card that follows the standard. It uses no vendor-specific commands.
package piv

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"slices"
	"sync"

	"wardlight/cardreader"
)

// notChecked is added if the passcode was certainly not sent to the card.
const notChecked = "Your passcode was not checked."

// card is an inserted PIV card, as read by Open.
type card struct {
	sys       cardreader.System
	memory    *Cache
	info      cardreader.Info
	insertion uint32 // of the link that the card was read with
	container []byte // certificate container, as read
	key       key
	reference byte

	mu sync.Mutex // serialises Sign
}

// Open reads everything that needs no passcode from the card in the named reader, in one short transaction. It doesn't
// keep the connection open. An expired certificate is no error: the caller checks the dates.
//
// Errors are *cardreader.Error: those of System.Connect and Link.Transmit; NotPIV for a card without the application;
// NoCertificate for an empty or malformed container; KeyUnsupported for keys other than RSA of 1024, 2048 or 3072 bits
// and ECDSA on P-256 or P-384.
func (m *Cache) Open(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	t, err := connect(ctx, sys, m, reader)
	if err != nil {
		return nil, err
	}
	defer t.link.Close(cardreader.Leave)

	c := &card{
		sys: sys, memory: m, insertion: t.link.Insertion(),
		info: cardreader.Info{
			Reader: reader, Driver: "PIV", ATR: slices.Clone(t.link.ATR()), Tries: -1, OnReader: t.link.Keypad(),
		},
	}
	if err := c.read(ctx, t); err != nil {
		return nil, cardreader.WithDriver(c.info.Driver, err)
	}
	return c, nil
}

// read reads the certificate, or its beginning if that identifies a known card; which passcode the card uses; and the
// tries left. It makes as few exchanges as possible: see docs/smartcards.md.
func (c *card) read(ctx context.Context, t *transport) error {
	var seen knownCard
	var again bool
	container, err := t.getDataUntil(ctx, objectCert9A, func(soFar []byte) bool {
		seen, again = c.memory.find(c.info.ATR, soFar)
		return again
	})
	if err != nil {
		return err
	}

	if !again { // the first response may have been the whole container
		seen, again = c.memory.find(c.info.ATR, container)
	}

	if !again {
		if seen, err = readNew(ctx, t, c.info.ATR, container); err != nil {
			return err
		}
	}

	if c.key, err = keyOf(seen.certificate.PublicKey); err != nil {
		return err
	}

	c.container, c.reference = seen.container, seen.reference
	c.info.Certificate, c.info.Serial = seen.certificate, serialOf(seen.certificate)
	if c.info.Tries, err = t.tries(ctx, c.reference); err != nil {
		return err
	}

	c.memory.add(seen)
	return nil
}

// readNew reads the remaining facts of a card whose container has been read.
func readNew(ctx context.Context, t *transport, atr, container []byte) (knownCard, error) {
	certificate, err := certificateOf(container)
	if err != nil {
		return knownCard{}, err
	}
	discovery, err := optional(t.getData(ctx, objectDiscovery))
	if err != nil {
		return knownCard{}, err
	}
	return knownCard{atr: atr, container: container, certificate: certificate, reference: passcodeReference(discovery)},
		nil
}

// optional returns no data instead of an error if a card refuses an optional object. Errors of the link are returned.
func optional(data []byte, err error) ([]byte, error) {
	var e *cardreader.Error
	if errors.As(err, &e) && e.SW != 0 {
		return nil, nil
	}
	return data, err
}

// connect opens a link and selects the application. After an error that doesn't concern the card, such as a reset by
// another program or an invalid handle after a suspend, it tries once more. No passcode has been sent at that point.
func connect(ctx context.Context, sys cardreader.System, m *Cache, reader string) (*transport, error) {
	t, err := connectOnce(ctx, sys, m, reader)
	if err != nil && isRetryable(ctx, err) {
		t, err = connectOnce(ctx, sys, m, reader)
	}
	return t, err
}

func isRetryable(ctx context.Context, err error) bool {
	var e *cardreader.Error
	if ctx.Err() != nil || !errors.As(err, &e) {
		return false
	}
	return e.Kind == cardreader.WasReset || e.Kind == cardreader.Internal && e.SW == 0
}

func connectOnce(ctx context.Context, sys cardreader.System, m *Cache, reader string) (*transport, error) {
	link, err := sys.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	t := newTransport(link, m)
	if err := t.selectPIV(ctx); err != nil {
		link.Close(cardreader.Leave)
		return nil, err
	}
	return t, nil
}

// Info returns the facts that Open read.
func (c *card) Info() cardreader.Info { return c.info }

// Sign implements cardreader.Card. It sends VERIFY at most once. The transaction always ends with a reset of the card.
// A reset ends the verified state on every card, old or new, before another program can use it. Unlike the command to
// log out it needs no exchange.
func (c *card) Sign(ctx context.Context, passcode *cardreader.Passcode, digest []byte,
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

	if _, err := c.key.block(digest, hash); err != nil {
		return nil, err
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	t, err := connect(ctx, c.sys, c.memory, c.info.Reader)
	if err != nil {
		return nil, passcodeNotChecked(err)
	}

	if err := c.checkSameCard(ctx, t); err != nil {
		t.link.Close(cardreader.Leave)
		return nil, passcodeNotChecked(err)
	}
	defer t.link.Close(cardreader.Reset)
	if err := t.verify(ctx, c.reference, passcode); err != nil {
		return nil, err
	}

	if passcode != nil {
		passcode.Wipe()
	}

	signature, err := t.sign(ctx, c.key, digest, hash)
	if errors.Is(err, errOtherKey) {
		c.memory.remove(c.container)
		err = c.keyMismatch(ctx, t, err)
	}

	return signature, err
}

// keyMismatch handles the error of a signature that doesn't match. A known card may have been identified by the
// first bytes of its certificate only, so it reads the whole certificate. If that is the one expected, it returns
// KeyMismatch, because a retry would fail again. Otherwise it returns err.
func (c *card) keyMismatch(ctx context.Context, t *transport, err error) error {
	if container, unread := t.getData(ctx, objectCert9A); unread != nil || !bytes.Equal(container, c.container) {
		return err
	}
	return &cardreader.Error{Kind: cardreader.KeyMismatch, Err: err}
}

// checkSameCard returns an error unless the card is the one that was read, because the passcode must not be sent to
// another card. If the reader's counter shows an insertion or removal since, or the reader doesn't count, it compares
// the beginning of the certificate. The answer to reset is not compared: cards of one series share it, and some cards
// have another one after a warm reset.
func (c *card) checkSameCard(ctx context.Context, t *transport) error {
	if now := t.link.Insertion(); now != 0 && now == c.insertion {
		return nil
	}
	container, err := t.getDataUntil(ctx, objectCert9A, func(soFar []byte) bool { return len(soFar) >= minKnownPrefix })
	if err != nil {
		return err
	}
	if len(container) == 0 || !bytes.HasPrefix(c.container, container) {
		return &cardreader.Error{Kind: cardreader.Removed, Detail: "The smartcard was changed. " + notChecked}
	}
	return nil
}

// passcodeNotChecked adds to the error of a removed card that no try was used.
func passcodeNotChecked(err error) error {
	var e *cardreader.Error
	if !errors.As(err, &e) || e.Kind != cardreader.Removed && e.Kind != cardreader.NoCard {
		return err
	}
	if e.Detail != "" {
		return err // already in the message
	}
	told := *e
	told.Kind, told.Detail = cardreader.Removed, "The smartcard was removed. "+notChecked
	return &told
}
