//go:build !linux

package postgres

import (
	"context"
	"errors"
)

var errLinux = errors.New("a private PostgreSQL needs Linux")

// Missing returns what Start would need.
func Missing() []string { return []string{"Linux"} }

// Server is one running server; there is none here.
type Server struct{}

// Start fails.
func Start(context.Context, Options) (*Server, error) { return nil, errLinux }

// Standby fails.
func (*Server) Standby(context.Context) (*Server, error) { return nil, errLinux }

// Synchronous fails.
func (*Server) Synchronous(context.Context) error { return errLinux }

// Cut fails.
func (*Server) Cut(context.Context) error { return errLinux }

// Waiting fails.
func (*Server) Waiting(context.Context) (int, error) { return 0, errLinux }

// Promote fails.
func (*Server) Promote(context.Context) error { return errLinux }

// Database fails.
func (*Server) Database(context.Context) (string, error) { return "", errLinux }

// Schema fails.
func (*Server) Schema(context.Context) (string, error) { return "", errLinux }

// Exec fails.
func (*Server) Exec(context.Context, string, string) error { return errLinux }

// Socket returns empty.
func (*Server) Socket() string { return "" }

// DSN returns empty.
func (*Server) DSN(string) string { return "" }

// PID returns 0.
func (*Server) PID() int { return 0 }

// Log returns empty.
func (*Server) Log() string { return "" }

// Kill does nothing.
func (*Server) Kill() {}

// Stop does nothing.
func (*Server) Stop() {}
