package main

import (
	"context"
	"fmt"
	"net"
)

// The states that systemd is notified of (sd_notify(3)).
const (
	stateReady    = "READY=1"
	stateStopping = "STOPPING=1"
)

// systemd is the socket on which systemd waits for the state of a service of Type=notify (NOTIFY_SOCKET), a path or, with
// an "@" before it, a name in the abstract name space. "" is none: the hub was started by something else.
type systemd string

// notify sends a state.
func (socket systemd) notify(ctx context.Context, state string) error {
	if socket == "" {
		return nil
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unixgram", string(socket))
	if err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	defer conn.Close() //nolint:errcheck // a datagram is sent or not
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	return nil
}
