//go:build !cgo

package pkcs11

import (
	"context"

	"wardlight/cardreader"
)

// Built tells whether this program can load modules, which needs cgo.
const Built = false

// Serve cannot load a module in a program without cgo: the error is a *cardreader.Error of kind BuiltWithout.
func Serve(context.Context, []string) error {
	return &cardreader.Error{Kind: cardreader.BuiltWithout}
}
