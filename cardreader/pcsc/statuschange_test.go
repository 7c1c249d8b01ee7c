//go:build cgo || windows

package pcsc

import (
	"reflect"
	"testing"

	"github.com/ebfe/scard"
)

// On Windows the context's handle is read out of scard's type, which has nothing else in it.
func TestAContextOfScardIsItsHandle(t *testing.T) {
	context := reflect.TypeFor[scard.Context]()
	if context.NumField() != 1 || context.Field(0).Type.Kind() != reflect.Uintptr {
		t.Errorf("scard.Context is %v", context)
	}
}
