//go:build !linux && !darwin

package handover

import (
	"context"

	"wardlight/internal/nhs"
)

// A Listener is the screens' socket, which is not yet supported on this operating system.
type Listener struct{}

// Listen returns an *Error of kind NotHere.
func Listen(context.Context, Config) (*Listener, error) { return nil, &Error{Kind: NotHere} }

// Requests returns nil.
func (*Listener) Requests() <-chan Request { return nil }

// Close does nothing.
func (*Listener) Close() {}

// Show returns an *Error of kind NotHere.
func Show(context.Context, Config, nhs.Number) error { return &Error{Kind: NotHere} }
