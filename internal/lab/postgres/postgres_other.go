//go:build !linux

package postgres

import (
	"context"
	"errors"
	"syscall"
)

var errLinux = errors.New("a private PostgreSQL needs Linux")

// Missing returns the missing requirements of Start.
func Missing() []string { return []string{"Linux"} }

// Server is a running server. It is not supported on this operating system.
type Server struct{}

// Start returns an error.
func Start(context.Context, Options) (*Server, error) { return nil, errLinux }

// Standby returns an error.
func (*Server) Standby(context.Context) (*Server, error) { return nil, errLinux }

// Synchronous returns an error.
func (*Server) Synchronous(context.Context) error { return errLinux }

// Cut returns an error.
func (*Server) Cut(context.Context) error { return errLinux }

// Waiting returns an error.
func (*Server) Waiting(context.Context) (int, error) { return 0, errLinux }

// Promote returns an error.
func (*Server) Promote(context.Context) error { return errLinux }

// Database returns an error.
func (*Server) Database(context.Context) (string, error) { return "", errLinux }

// Schema returns an error.
func (*Server) Schema(context.Context) (string, error) { return "", errLinux }

// Exec returns an error.
func (*Server) Exec(context.Context, string, string) error { return errLinux }

// Socket returns "".
func (*Server) Socket() string { return "" }

// DSN returns "".
func (*Server) DSN(string) string { return "" }

// PID returns 0.
func (*Server) PID() int { return 0 }

// Log returns "".
func (*Server) Log() string { return "" }

// Kill does nothing.
func (*Server) Kill() {}

// Halt does nothing.
func (*Server) Halt(syscall.Signal) {}

// Resume returns an error.
func (*Server) Resume(context.Context) error { return errLinux }

// Stop does nothing.
func (*Server) Stop() {}
