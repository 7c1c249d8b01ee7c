package pcscd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"wardlight/cardreader/virtual"
)

// Plugged is a card in a slot.
type Plugged struct {
	daemon *Daemon
	slot   int
	cancel context.CancelFunc
	done   chan struct{}
}

// unseen is longer than the 0.4 s between two looks of vpcd. A card that is exchanged faster, which no hand can, goes
// unseen when pcscd happens to switch the power meanwhile.
const unseen = 600 * time.Millisecond

// Plug puts the card into a slot, 0 or 1, until Pull, or until ctx or the Daemon ends. pcscd notices it within 0.4 s. A
// slot that was emptied a moment ago is given the time to be seen empty.
func (d *Daemon) Plug(ctx context.Context, slot int, card *virtual.Card) (*Plugged, error) {
	if slot < 0 || slot >= Slots {
		return nil, fmt.Errorf("there is no slot %d", slot)
	}
	d.plugging.Lock()
	defer d.plugging.Unlock()
	d.mu.Lock()
	taken, since := d.plugged[slot] != nil, d.emptied[slot]
	d.mu.Unlock()
	if taken {
		return nil, fmt.Errorf("slot %d holds a card: vpcd would not even look at a second one", slot)
	}
	if since != nil {
		select {
		case <-since:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
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
		d.plugged[slot] = nil
		d.emptied[slot] = after(unseen)
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

// Gone is closed when the card is out.
func (p *Plugged) Gone() <-chan struct{} { return p.done }

// dialPatiently connects to vpcd, which opens its ports a little after pcscd its socket.
func (d *Daemon) dialPatiently(ctx context.Context, port int) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, startFor)
	defer cancel()
	ticker := time.NewTicker(lookAt)
	defer ticker.Stop()
	for {
		conn, err := d.dial(ctx, port)
		if err == nil {
			return conn, nil
		}
		if !errors.Is(err, errRefused) {
			return nil, err
		}
		select {
		case <-ticker.C:
		case <-d.gone:
			return nil, fmt.Errorf("pcscd has ended: %s", d.log)
		case <-ctx.Done():
			return nil, fmt.Errorf("vpcd does not listen: %w: %s", ctx.Err(), d.log)
		}
	}
}

// after is closed when d has passed.
func after(d time.Duration) <-chan struct{} {
	passed := make(chan struct{})
	time.AfterFunc(d, func() { close(passed) })
	return passed
}

// connection makes a net.Conn of the file descriptor of a socket, which it takes over.
func connection(fd int) (net.Conn, error) {
	file := os.NewFile(uintptr(fd), "vpcd")
	defer func() { _ = file.Close() }() // FileConn has a duplicate
	return net.FileConn(file)
}
