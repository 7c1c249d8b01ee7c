//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"time"

	"wardlight/cardreader"
)

// Built tells whether this program can load modules, which needs cgo.
const Built = true

// Serve returns the helper: it loads the module with the first request and answers requests from in on out until in
// ends, or ctx does. It takes standard input and output away from the module, limits what a crash leaves behind, and
// ends the process when the module does not let go in time. The error is nil where the other side said goodbye
// between two requests.
func Serve(ctx context.Context, path string, in, out *os.File) error {
	in, out, err := apart(in, out)
	if err != nil {
		return err
	}
	// One thread for all calls: some modules keep state by thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	asked := make(chan asking)
	var ended error
	go func() {
		defer close(asked)
		ended = listen(ctx, in, asked)
		// A module that hangs in a call must not outlive who asked.
		time.AfterFunc(goodbye, func() { os.Exit(1) })
	}()
	m := &module{path: path}
	defer m.unload()
	for a := range asked {
		r := m.answer(a.request, a.passcode)
		a.passcode.Wipe()
		if err := writeFrame(out, r, nil); err != nil {
			return err
		}
	}
	if errors.Is(ended, io.EOF) {
		return nil
	}
	return ended
}

// asking is a request with its secret.
type asking struct {
	request
	passcode *cardreader.Passcode
}

// listen reads requests until there are no more.
func listen(ctx context.Context, in *os.File, to chan<- asking) error {
	stop := context.AfterFunc(ctx, func() { _ = in.Close() })
	defer stop()
	for {
		a := asking{passcode: new(cardreader.Passcode)}
		if err := readFrame(in, &a.request, a.passcode); err != nil {
			a.passcode.Wipe()
			return err
		}
		to <- a
	}
}
