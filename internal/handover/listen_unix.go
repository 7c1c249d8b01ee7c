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

// Listener is the screens' socket.
type Listener struct {
	socket   *net.UnixListener
	path     string
	timeout  time.Duration
	requests chan Request
	end      context.CancelFunc
	served   sync.WaitGroup
}

// Listen makes a socket in the first of the folders that can be used, and answers on it until Close. It removes the
// sockets of programs of this user and computer that do not run any more. The error is an *Error of the last folder.
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

// removeStale removes the sockets on which nobody listens.
func removeStale(ctx context.Context, folder string) {
	for _, path := range sockets(folder) {
		c, err := dial(ctx, path)
		switch {
		case err == nil:
			_ = c.Close()
		case errors.Is(err, syscall.ECONNREFUSED):
			_ = os.Remove(path) // a socket that stays does no harm: 'show' passes it over
		}
	}
}

// listenIn makes the socket under another name and renames it when it listens: a socket that refuses connections is
// always one whose program has ended.
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

// Requests brings the numbers that are handed over. Each wants a Reply.
func (l *Listener) Requests() <-chan Request { return l.requests }

// Close removes the socket and ends all connections.
func (l *Listener) Close() {
	_ = os.Remove(l.path)
	l.end()
	_ = l.socket.Close()
	l.served.Wait()
}

// accept serves connections, at most maxOpen at the same time.
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
				_ = serve(ctx, l.timeout, c, l.take) // whoever connects sees what became of it
			}
		})
	}
}

// take hands a request to the screens.
func (l *Listener) take(ctx context.Context, r Request) error {
	select {
	case l.requests <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
