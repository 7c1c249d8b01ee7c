package play

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"

	"github.com/zalando/go-keyring"

	"wardlight/internal/training"
)

// trainingServer serves the programs of a world a clock and a keyring, which they use instead of this computer's own.
type trainingServer struct {
	clock    *clock
	hub      string // base URL
	records  string // base URL
	listener net.Listener
	served   sync.WaitGroup

	mu      sync.Mutex
	keyring map[string]string
	open    map[net.Conn]bool // nil after close
}

// serve accepts connections of programs on a socket at path until close.
func (c *trainingServer) serve(ctx context.Context, path string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("the training's socket: %w", err)
	}

	c.listener, c.open = listener, make(map[net.Conn]bool)
	c.served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.mu.Lock()
			if c.open == nil {
				_ = conn.Close()
			} else {
				c.open[conn] = true
				c.served.Go(func() { c.answerAll(conn) })
			}
			c.mu.Unlock()
		}
	})

	return nil
}

// close closes the socket and all connections.
func (c *trainingServer) close() {
	if c.listener == nil {
		return
	}
	_ = c.listener.Close()
	c.mu.Lock()
	for conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
	c.mu.Unlock()
	c.served.Wait()
}

// answerAll answers the questions of one program until it disconnects.
func (c *trainingServer) answerAll(conn net.Conn) {
	defer func() {
		_ = conn.Close()
		c.mu.Lock()
		delete(c.open, conn)
		c.mu.Unlock()
	}()
	from, to := json.NewDecoder(conn), json.NewEncoder(conn)
	for {
		var q training.Request
		if err := from.Decode(&q); err != nil {
			return
		}
		if err := to.Encode(c.answer(q)); err != nil {
			return
		}
	}
}

// answer returns the answer to one question.
func (c *trainingServer) answer(q training.Request) training.Response {
	switch q.Do {
	case training.Hello:
		return training.Response{Hub: c.hub, Records: c.records}
	case training.Now:
		return training.Response{Time: c.clock.serveTime()}
	case training.Set:
		_ = c.Set("", q.Name, q.Secret)
		return training.Response{}
	case training.Delete:
		return training.Response{Missing: c.Delete("", q.Name) != nil}
	default:
		secret, err := c.Get("", q.Name)
		return training.Response{Secret: secret, Missing: err != nil}
	}
}

// Set stores a secret. With Get and Delete it implements keep.Backend.
func (c *trainingServer) Set(_, name, secret string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keyring[name] = secret
	return nil
}

// Get returns a secret. The error is keyring.ErrNotFound.
func (c *trainingServer) Get(_, name string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if secret, there := c.keyring[name]; there {
		return secret, nil
	}
	return "", keyring.ErrNotFound
}

// Delete removes a secret. The error is keyring.ErrNotFound.
func (c *trainingServer) Delete(_, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.keyring[name]; !there {
		return keyring.ErrNotFound
	}
	delete(c.keyring, name)
	return nil
}
