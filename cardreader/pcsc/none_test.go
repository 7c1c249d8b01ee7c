//go:build !cgo && !windows

package pcsc_test

import (
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pcsc"
)

func TestNew_BuiltWithoutPCSC(t *testing.T) {
	sys := pcsc.New()
	if _, err := sys.Wait(t.Context(), nil, time.Second); cardreader.KindOf(err) != cardreader.BuiltWithout {
		t.Error(err)
	}
	if _, err := sys.Connect(t.Context(), "any"); cardreader.KindOf(err) != cardreader.BuiltWithout {
		t.Error(err)
	}
	if err := sys.Close(); err != nil {
		t.Error(err)
	}
}
