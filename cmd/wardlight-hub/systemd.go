package main

import (
	"context"
	"fmt"
	"net"
)

// States sent to systemd (sd_notify(3)).
const (
	stateReady    = "READY=1"
	stateStopping = "STOPPING=1"
)

// systemd is the socket for sending the state of a service of Type=notify to systemd (NOTIFY_SOCKET): a path, or a
// name in the abstract namespace after an "@". It is "" if the hub was not started by systemd.
type systemd string

// notify sends a state. Without a socket it does nothing.
func (socket systemd) notify(ctx context.Context, state string) error {
	if socket == "" {
		return nil
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unixgram", string(socket))
	if err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	defer conn.Close() //nolint:errcheck // nothing is buffered
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	return nil
}
