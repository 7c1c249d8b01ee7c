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

// Plug puts the card into a slot, 0 or above, until Pull, or until ctx or the Daemon ends. pcscd notices it within 0.4 s.
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
		return nil, fmt.Errorf("slot %d holds a card: vpcd would not even look at a second one", slot)
	}
	if d.used[slot] {
		if err := d.showEmpty(ctx, firstPort+slot); err != nil {
			return nil, err
		}
	}
	d.used[slot] = true
	conn, err := d.dialPatiently(ctx, firstPort+slot)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &Plugged{daemon: d, slot: slot, cancel: cancel, done: make(chan struct{})}
	d.mu.Lock()
	d.plugged[slot] = p
	d.mu.Unlock()
	go func() {
		_ = virtual.Plug(ctx, conn, card) // an error is a reader that has gone, which is seen elsewhere
		d.mu.Lock()
		delete(d.plugged, slot)
		d.mu.Unlock()
		close(p.done)
	}()
	return p, nil
}

// Pull takes the card out. pcscd notices within 0.4 s. A second Pull does nothing.
func (p *Plugged) Pull() {
	p.cancel()
	<-p.done
}

// Gone returns closed when the card is out.
func (p *Plugged) Gone() <-chan struct{} { return p.done }

// dialPatiently connects to vpcd, which opens its ports a little after pcscd its socket.
func (d *Daemon) dialPatiently(ctx context.Context, port int) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, startFor)
	defer cancel()
	var conn net.Conn
	var final error // of what waiting does not mend
	err := d.process.Until(ctx, lookAt, func(ctx context.Context) error {
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

// showEmpty makes sure that pcscd has seen the slot empty since its last card. vpcd looks every 0.4 s, and where it
// finds out at another moment that a card is gone, a faster exchange than any hand could make goes unseen. A
// connection that is closed when vpcd looks, by asking for the ATR, is an empty slot for that look at least.
func (d *Daemon) showEmpty(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeout(ctx, startFor)
	defer cancel()
	conn, err := d.dialPatiently(ctx, port)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer func() { _ = conn.Close() }()
	look := make([]byte, 3) // a frame of one byte: nothing may be left unread, or the end would be an error to vpcd
	if _, err := io.ReadFull(conn, look); err != nil {
		return fmt.Errorf("vpcd does not look at the slot: %w: %s", err, d.log)
	}
	return nil
}

// connection makes a net.Conn of the file descriptor of a socket, which it takes over.
func connection(fd int) (net.Conn, error) {
	file := os.NewFile(uintptr(fd), "vpcd")
	defer func() { _ = file.Close() }() // FileConn has a duplicate
	return net.FileConn(file)
}
