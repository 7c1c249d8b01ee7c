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

// Supported reports whether this program can load modules, which requires cgo.
const Supported = true

// Serve runs the helper. args are the arguments after the helper's name: the module's path, and those that the Driver
// added. It loads the module at the first request, and answers the Driver's requests until its input is closed or ctx
// is done. It moves the pipes away from standard input and output, disables core dumps, and ends the process if the
// module doesn't return in time. The error is nil if the Driver closed the pipe between two requests.
func Serve(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("no module is named")
	}

	in, out, err := inheritedPipes(args[1:])
	if err != nil {
		return err
	}

	// All calls use one thread, because some modules have state for each thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	asked := make(chan pendingRequest)
	var ended error
	go func() {
		defer close(asked)
		ended = listen(ctx, in, asked)
		// The process must end even if the module hangs in a call.
		time.AfterFunc(helperExitTimeout, quit)
	}()

	m := &module{path: args[0]}
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

// pendingRequest is a request and its secret.
type pendingRequest struct {
	request
	passcode *cardreader.Passcode
}

// listen reads requests until the input is closed.
func listen(ctx context.Context, in *os.File, to chan<- pendingRequest) error {
	stop := context.AfterFunc(ctx, func() { _ = in.Close() })
	defer stop()
	for {
		a := pendingRequest{passcode: new(cardreader.Passcode)}
		if err := readFrame(in, &a.request, a.passcode); err != nil {
			a.passcode.Wipe()
			return err
		}
		to <- a
	}
}
