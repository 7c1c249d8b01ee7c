package cardbench

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
)

// phases counts the exchanges of our own sign-in. Extended lengths need a reader in this process, because the virtual
// reader of the service doesn't report support for them.
func (b *runner) phases(ctx context.Context, kind cardKind, card *virtual.Card) ([]Phases, error) {
	plugged, err := b.insert(ctx, card)
	if err != nil {
		return nil, err
	}
	defer func() { plugged.Pull() }()

	short, err := count(ctx, b.system, readerName, func() (err error) {
		plugged.Pull()
		if err := b.await(ctx, false); err != nil {
			return err
		}
		plugged, err = b.insert(ctx, card)
		return err
	})
	if err != nil {
		return nil, err
	}

	plugged.Pull()
	if err := b.await(ctx, false); err != nil {
		return nil, err
	}

	inside := virtual.NewReader("")
	inside.Insert(card)
	extended, err := count(ctx, inside, inside.Name(), func() error {
		inside.Eject()
		inside.Insert(card)
		return nil
	})
	inside.Eject()
	short.Card, short.Lengths = kind.name, "short"
	extended.Card, extended.Lengths = kind.name, "extended"
	return []Phases{short, extended}, err
}

// count signs in once and inserts the card again.
func count(ctx context.Context, sys cardreader.System, reader string, again func() error) (Phases, error) {
	w := &watched{System: sys}
	var memory piv.Cache
	card, err := memory.Open(ctx, w, reader)
	if err != nil {
		return Phases{}, err
	}

	read := w.all
	if err := signOnce(ctx, card); err != nil {
		return Phases{}, err
	}

	p := Phases{Enter: w.signed - read, Whole: w.all}
	if w.signed == 0 {
		return Phases{}, errors.New("the card was not asked to sign")
	}
	if err := again(); err != nil {
		return Phases{}, err
	}

	w.all = 0
	if _, err := memory.Open(ctx, w, reader); err != nil {
		return Phases{}, fmt.Errorf("put in again: %w", err)
	}

	p.Reinsert = w.all
	return p, nil
}

func signOnce(ctx context.Context, card cardreader.Card) error {
	var digest [32]byte
	var p cardreader.Passcode
	for _, b := range []byte(passcode) {
		p.Append(b)
	}
	_, err := card.Sign(ctx, &p, digest[:], crypto.SHA256)
	return err
}

// watched counts the exchanges of one caller, and records the count at the signature.
type watched struct {
	cardreader.System
	all, signed int
}

// Connect implements cardreader.System.
func (w *watched) Connect(ctx context.Context, reader string) (cardreader.Link, error) {
	link, err := w.System.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	return &watchedLink{Link: link, of: w}, nil
}

type watchedLink struct {
	cardreader.Link
	of      *watched
	signing bool // the last command was a signature or the continuation of one
}

// Transmit implements cardreader.Link.
func (l *watchedLink) Transmit(command []byte) ([]byte, error) {
	const authenticate, getResponse = 0x87, 0xC0
	l.signing = command[1] == authenticate || l.signing && command[1] == getResponse
	l.of.all++
	response, err := l.Link.Transmit(command)
	if l.signing {
		l.of.signed = l.of.all
	}
	return response, err
}
