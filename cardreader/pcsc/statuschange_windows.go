package pcsc

import (
	"runtime"
	"time"
	"unsafe"

	"github.com/ebfe/scard"
	"golang.org/x/sys/windows"
)

// readerState is SCARD_READERSTATEW (winscard.h).
type readerState struct {
	reader        *uint16
	userData      uintptr
	current, seen uint32
	atrLength     uint32
	atr           [36]byte
}

// getStatusChange calls SCardGetStatusChangeW with names that the garbage collector keeps. scard's own call stores
// them as uintptr (scard_windows.go, ReaderState.toSys), which is no reference for the collector. It may free a name
// that Windows still reads during the wait.
func getStatusChange(c *scard.Context, states []scard.ReaderState, timeout time.Duration) error {
	var pinned runtime.Pinner
	defer pinned.Unpin()
	sys := make([]readerState, len(states))
	for i, state := range states {
		name, err := windows.UTF16PtrFromString(state.Reader)
		if err != nil {
			return err
		}
		pinned.Pin(name)
		sys[i] = readerState{reader: name, current: uint32(state.CurrentState), atrLength: uint32(len(state.Atr))}
		copy(sys[i].atr[:], state.Atr)
	}

	call := windows.NewLazySystemDLL("winscard.dll").NewProc("SCardGetStatusChangeW")
	result, _, _ := call.Call(handleOf(c), milliseconds(timeout), uintptr(unsafe.Pointer(unsafe.SliceData(sys))),
		uintptr(len(sys)))
	if result != 0 {
		return scard.Error(result)
	}

	for i := range states {
		states[i].EventState = scard.StateFlag(sys[i].seen)
		if n := min(int(sys[i].atrLength), len(sys[i].atr)); n > 0 {
			states[i].Atr = append([]byte(nil), sys[i].atr[:n]...)
		}
	}

	return nil
}

// handleOf returns the SCARDCONTEXT of a context. It is the only field of scard's type, which has no method for it.
func handleOf(c *scard.Context) uintptr { return *(*uintptr)(unsafe.Pointer(c)) }

// milliseconds returns a timeout in the unit of Windows.
func milliseconds(d time.Duration) uintptr { return uintptr(uint32(max(d, 0) / time.Millisecond)) }
