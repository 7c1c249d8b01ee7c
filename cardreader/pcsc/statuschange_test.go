//go:build cgo || windows

package pcsc

import (
	"reflect"
	"testing"

	"github.com/ebfe/scard"
)

// On Windows the handle is read from the memory of scard.Context, so it must be the only field.
func TestHandleOf(t *testing.T) {
	context := reflect.TypeFor[scard.Context]()
	if context.NumField() != 1 || context.Field(0).Type.Kind() != reflect.Uintptr {
		t.Errorf("scard.Context is %v, want a struct with one uintptr", context)
	}
}
