package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// maxRequest is the maximum size of a request in bytes.
const maxRequest = 4 << 10

// Server serves requests of other terminals of the same user.
type Server struct {
	listener   net.Listener
	controller Controller
	calls      sync.WaitGroup

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// Listen creates the socket at path, with access only for the user. It removes the socket of a demo that has ended.
// The error is ErrRunning if a running demo uses it.
func Listen(ctx context.Context, path string, bench Controller) (*Server, error) {
	switch conn, err := dial(ctx, path); {
	case err == nil:
		conn.Close()
		return nil, ErrRunning
	case !errors.Is(err, ErrNoDemo):
		return nil, err
	}

	if err := removeStale(path); err != nil {
		return nil, err
	}

	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), listener.Close())
	}

	s := &Server{listener: listener, controller: bench, open: make(map[net.Conn]struct{})}
	s.calls.Go(s.accept)
	return s, nil
}

// removeStale removes the socket of a demo that was killed. It returns an error if the file isn't a socket.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	if info.Mode().Type() != os.ModeSocket {
		return fmt.Errorf("control socket: %s is something else", path)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	return nil
}

// Close stops listening, removes the socket and waits for calls in progress.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for conn := range s.open {
		conn.Close()
	}
	s.mu.Unlock()
	s.calls.Wait()
	return err
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		if !s.history(conn) {
			conn.Close()
			return
		}
		s.calls.Go(func() {
			s.serve(conn)
			s.forget(conn)
		})
	}
}

func (s *Server) history(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.open[conn] = struct{}{}
	return true
}

func (s *Server) forget(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
	conn.Close()
}

// serve answers one request. Transport errors are not reported, because the client notices them.
func (s *Server) serve(conn net.Conn) {
	if conn.SetDeadline(time.Now().Add(callTimeout)) != nil {
		return
	}
	var r request
	if json.NewDecoder(io.LimitReader(conn, maxRequest)).Decode(&r) != nil {
		return
	}
	var answer reply
	if err := s.carryOut(r); err != nil {
		answer.Error = err.Error()
	} else {
		status := s.controller.Status()
		answer.Status = &status
	}
	_ = json.NewEncoder(conn).Encode(answer)
}

func (s *Server) carryOut(r request) error {
	switch r.Do {
	case doInsert:
		return s.controller.Insert(r.Card)
	case doEject:
		s.controller.Eject()
		return nil
	case doStop:
		return s.controller.StopHub()
	case doStart:
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		return s.controller.StartHub(ctx)
	case doStatus:
		return nil
	default:
		return fmt.Errorf("this demo does not support the command %q", r.Do)
	}
}
