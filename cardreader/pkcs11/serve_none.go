//go:build !cgo

package pkcs11

import (
	"context"

	"wardlight/cardreader"
)

// Supported reports whether this program can load modules, which requires cgo.
const Supported = false

// Serve returns a *cardreader.Error of kind BuiltWithout, because modules cannot be loaded without cgo.
func Serve(context.Context, []string) error {
	return &cardreader.Error{Kind: cardreader.BuiltWithout}
}
