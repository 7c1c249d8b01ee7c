package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
)

func call(ctx context.Context, path string, r request) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	conn, err := dial(ctx, path)
	if err != nil {
		return Status{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()

	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return Status{}, fmt.Errorf("asking the demo: %w", err)
	}

	var answer reply
	if err := json.NewDecoder(conn).Decode(&answer); err != nil {
		return Status{}, fmt.Errorf("the demo did not answer: %w", err)
	}
	if answer.Error != "" {
		return Status{}, errors.New(answer.Error)
	}
	if answer.Status == nil {
		return Status{}, errors.New("the demo returned no answer")
	}

	return *answer.Status, nil
}

// dial connects to the demo's socket. It returns ErrNoDemo if no demo listens there.
func dial(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrNoDemo
	case err != nil:
		return nil, fmt.Errorf("reaching the demo: %w", err)
	}
	return conn, nil
}
