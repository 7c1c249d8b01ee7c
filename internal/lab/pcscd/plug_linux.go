package pcscd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"wardlight/cardreader/virtual"
)

// Plugged is a card in a slot.
type Plugged struct {
	daemon *Daemon
	slot   int
	cancel context.CancelFunc
	done   chan struct{}
}

// Plug inserts the card into a slot, numbered from 0, until Pull is called, ctx is done or the Daemon ends. pcscd
// notices the card within 0.4 s.
func (d *Daemon) Plug(ctx context.Context, slot int, card *virtual.Card) (*Plugged, error) {
	if slot < 0 || slot >= d.slots {
		return nil, fmt.Errorf("there is no slot %d", slot)
	}

	d.plugging.Lock()
	defer d.plugging.Unlock()
	d.mu.Lock()
	taken := d.plugged[slot] != nil
	d.mu.Unlock()
	if taken {
		return nil, fmt.Errorf("slot %d has a card: vpcd accepts only one", slot)
	}

	if d.used[slot] {
		if err := d.showEmpty(ctx, firstPort+slot); err != nil {
			return nil, err
		}
	}

	d.used[slot] = true
	conn, err := d.dialWithRetry(ctx, firstPort+slot)
	if err != nil {
		return nil, err
	}

	ctx, cancel := context.WithCancel(ctx)
	p := &Plugged{daemon: d, slot: slot, cancel: cancel, done: make(chan struct{})}
	d.mu.Lock()
	d.plugged[slot] = p
	d.mu.Unlock()

	go func() {
		_ = virtual.Plug(ctx, conn, card) // on an error the reader has ended, which is reported elsewhere
		d.mu.Lock()
		delete(d.plugged, slot)
		d.mu.Unlock()
		close(p.done)
	}()

	return p, nil
}

// Pull removes the card. pcscd notices within 0.4 s. Further calls have no effect.
func (p *Plugged) Pull() {
	p.cancel()
	<-p.done
}

// Gone returns a channel that is closed when the card has been removed.
func (p *Plugged) Gone() <-chan struct{} { return p.done }

// dialWithRetry connects to vpcd. It retries, because vpcd opens its ports a little after pcscd's socket.
func (d *Daemon) dialWithRetry(ctx context.Context, port int) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var conn net.Conn
	var final error // an error for which a retry is useless
	err := d.process.Until(ctx, pollInterval, func(ctx context.Context) error {
		var err error
		if conn, err = d.dial(ctx, port); errors.Is(err, errRefused) {
			return err
		}
		final = err
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("vpcd does not listen: %w: %s", err, d.log)
	}
	return conn, final
}

// showEmpty makes sure that pcscd has noticed that the slot is empty. vpcd polls every 0.4 s. If it detects a removal
// between two polls, it misses a fast exchange of cards. A connection that is closed during a poll, which requests the
// ATR, makes the slot empty for at least that poll.
func (d *Daemon) showEmpty(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	conn, err := d.dialWithRetry(ctx, port)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer func() { _ = conn.Close() }()
	look := make([]byte, 3) // a frame of one byte; leaving bytes unread would make vpcd report an error
	if _, err := io.ReadFull(conn, look); err != nil {
		return fmt.Errorf("vpcd does not poll the slot: %w: %s", err, d.log)
	}
	return nil
}

// connection returns a net.Conn for the file descriptor of a socket, and closes fd.
func connection(fd int) (net.Conn, error) {
	file := os.NewFile(uintptr(fd), "vpcd")
	defer func() { _ = file.Close() }() // FileConn duplicates it
	return net.FileConn(file)
}
