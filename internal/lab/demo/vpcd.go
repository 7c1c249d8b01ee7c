package demo

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"wardlight/cardreader/virtual"
)

// DefaultVPCD is the address at which vpcd, the virtual reader driver, listens.
const DefaultVPCD = "127.0.0.1:35963"

// minEmpty is how long the slot must be empty for pcscd to notice that the card was exchanged: vpcd polls every 0.4 s.
const minEmpty = 600 * time.Millisecond

// vpcd is the virtual reader driver of the computer's pcscd.
type vpcd struct {
	address string
	log     *slog.Logger

	mu    sync.Mutex
	empty <-chan time.Time // receives when the slot has been empty for minEmpty; nil before the first card
}

// plug connects the card to vpcd. The card is inserted for as long as the connection is open.
func (v *vpcd) plug(ctx context.Context, card *virtual.Card) (pull func(), err error) {
	if err := v.awaitEmpty(ctx); err != nil {
		return nil, err
	}

	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", v.address)
	if err != nil {
		return nil, err
	}

	plugged, cancel := context.WithCancel(context.WithoutCancel(ctx))
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := virtual.Plug(plugged, conn, card); err != nil {
			v.log.Error("virtual card", "err", err)
		}
	}()

	return func() {
		cancel()
		<-gone
		v.mu.Lock()
		defer v.mu.Unlock()
		v.empty = time.After(minEmpty)
	}, nil
}

func (v *vpcd) awaitEmpty(ctx context.Context) error {
	v.mu.Lock()
	empty := v.empty
	v.empty = nil
	v.mu.Unlock()
	if empty == nil {
		return nil
	}
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
