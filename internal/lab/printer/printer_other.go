//go:build !linux

package printer

import (
	"context"
	"errors"
)

// Missing returns that there is no printer here.
func Missing() error { return errors.New("a printer needs Linux") }

// Server is a running cupsd; there is none here.
type Server struct{ Env []string }

// Start returns the error of Missing.
func Start(context.Context) (*Server, error) { return nil, Missing() }

// AddPDF returns the error of Missing.
func (*Server) AddPDF(context.Context, string) error { return Missing() }

// Printed returns the error of Missing.
func (*Server) Printed(context.Context) ([][]string, error) { return nil, Missing() }

// Close does nothing.
func (*Server) Close() error { return nil }
