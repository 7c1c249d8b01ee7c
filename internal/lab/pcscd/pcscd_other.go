//go:build !linux

package pcscd

import (
	"context"
	"errors"

	"wardlight/cardreader/virtual"
)

var errLinux = errors.New("a private pcscd needs Linux")

// Missing returns the missing requirements of Start.
func Missing() []string { return []string{"Linux"} }

// Daemon is a running pcscd. It is not supported on this operating system.
type Daemon struct{}

// Start returns an error, because there are no namespaces.
func Start(context.Context, string) (*Daemon, error) { return nil, errLinux }

// StartReaders returns an error, as Start does.
func StartReaders(context.Context, string, ...string) (*Daemon, error) { return nil, errLinux }

// Socket returns "".
func (*Daemon) Socket() string { return "" }

// PID returns 0.
func (*Daemon) PID() int { return 0 }

// Gone returns nil.
func (*Daemon) Gone() <-chan struct{} { return nil }

// Log returns "".
func (*Daemon) Log() string { return "" }

// Stop does nothing.
func (*Daemon) Stop() {}

// Kill does nothing.
func (*Daemon) Kill() {}

// Plugged is a card in a slot.
type Plugged struct{}

// Plug returns an error.
func (*Daemon) Plug(context.Context, int, *virtual.Card) (*Plugged, error) { return nil, errLinux }

// Pull does nothing.
func (*Plugged) Pull() {}

// Gone returns nil.
func (*Plugged) Gone() <-chan struct{} { return nil }
