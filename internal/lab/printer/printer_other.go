//go:build !linux

package printer

import (
	"context"
	"errors"
)

// Missing returns an error: no printer is supported on this operating system.
func Missing() error { return errors.New("a printer needs Linux") }

// Server is a running cupsd. It is not supported on this operating system.
type Server struct{ Env []string }

// Start returns the error of Missing.
func Start(context.Context) (*Server, error) { return nil, Missing() }

// AddPDF returns the error of Missing.
func (*Server) AddPDF(context.Context, string) error { return Missing() }

// Printed returns the error of Missing.
func (*Server) Printed(context.Context) ([][]string, error) { return nil, Missing() }

// Close does nothing.
func (*Server) Close() error { return nil }
