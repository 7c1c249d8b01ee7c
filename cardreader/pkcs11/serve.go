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

// Serve is the helper. args are what follows the helper's name on its command line: the module's path, and what else
// the Driver added. It loads the module with the first request and answers the Driver's requests until there are no
// more, or ctx ends. It takes standard input and output away from the module, limits what a crash leaves behind, and
// ends the process when the module does not let go in time. The error is nil where the Driver closed between two
// requests.
func Serve(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("no module is named")
	}
	in, out, err := pipes(args[1:])
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
		time.AfterFunc(goodbye, quit)
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
