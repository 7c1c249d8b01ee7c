//go:build !linux && !darwin

package handover

import (
	"context"

	"wardlight/internal/nhs"
)

// Listener is the screens' socket, which does not exist on this operating system yet.
type Listener struct{}

// Listen returns an *Error, NotHere.
func Listen(context.Context, Config) (*Listener, error) { return nil, &Error{Kind: NotHere} }

// Requests returns nil, on which nothing comes.
func (*Listener) Requests() <-chan Request { return nil }

// Close does nothing.
func (*Listener) Close() {}

// Show returns an *Error, NotHere.
func Show(context.Context, Config, nhs.Number) error { return &Error{Kind: NotHere} }
