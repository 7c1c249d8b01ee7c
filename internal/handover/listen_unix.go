//go:build linux || darwin

package handover

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A Listener listens on the screens' socket.
type Listener struct {
	socket   *net.UnixListener
	path     string
	timeout  time.Duration
	requests chan Request
	end      context.CancelFunc
	served   sync.WaitGroup
}

// Listen creates a socket in the first usable folder, and serves it until Close. It removes the sockets of this user's
// programs on this computer that have ended. The error is the *Error for the last folder.
func Listen(ctx context.Context, c Config) (*Listener, error) {
	err := error(&Error{Kind: NoFolder})
	for _, folder := range c.Folders {
		if err = makeFolder(folder); err != nil {
			continue
		}
		removeStale(ctx, folder)
		var l *Listener
		if l, err = listenIn(ctx, folder, c.timeout()); err == nil {
			return l, nil
		}
		err = &Error{Kind: NoFolder, Err: err}
	}
	return nil, err
}

// removeStale removes sockets on which no program listens.
func removeStale(ctx context.Context, folder string) {
	for _, path := range sockets(folder) {
		c, err := dial(ctx, path)
		switch {
		case err == nil:
			_ = c.Close()
		case errors.Is(err, syscall.ECONNREFUSED):
			_ = os.Remove(path) // on failure, Show skips the socket
		}
	}
}

// listenIn creates the socket under a temporary name and renames it once it listens. Therefore a socket that refuses
// connections always belongs to a program that has ended.
func listenIn(ctx context.Context, folder string, timeout time.Duration) (*Listener, error) {
	name := filepath.Join(folder, prefix()+strings.ToLower(rand.Text()[:10]))
	made, err := new(net.ListenConfig).Listen(ctx, "unix", name)
	if err != nil {
		return nil, err
	}

	socket := made.(*net.UnixListener)
	socket.SetUnlinkOnClose(false)
	err = os.Chmod(name, 0o600)
	if err == nil {
		err = os.Rename(name, name+nameSuffix)
	}

	if err != nil {
		_ = socket.Close()
		_ = os.Remove(name)
		return nil, err
	}

	ctx, end := context.WithCancel(ctx)
	l := &Listener{socket: socket, path: name + nameSuffix, timeout: timeout, requests: make(chan Request), end: end}
	l.served.Go(func() { l.accept(ctx) })
	return l, nil
}

// Requests returns the channel of received requests. Each needs a Reply.
func (l *Listener) Requests() <-chan Request { return l.requests }

// Close removes the socket and closes all connections.
func (l *Listener) Close() {
	_ = os.Remove(l.path)
	l.end()
	_ = l.socket.Close()
	l.served.Wait()
}

// accept serves connections, at most maxOpen at a time.
func (l *Listener) accept(ctx context.Context) {
	slots := make(chan struct{}, maxOpen)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		c, err := l.socket.AcceptUnix()
		if err != nil {
			return
		}
		l.served.Go(func() {
			defer func() { <-slots }()
			defer func() { _ = c.Close() }()
			if checkPeer(c) == nil {
				_ = serve(ctx, l.timeout, c, l.deliver) // the peer receives the error as a reply
			}
		})
	}
}

// deliver passes a request to the screens. It returns an error if ctx is done first.
func (l *Listener) deliver(ctx context.Context, r Request) error {
	select {
	case l.requests <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
