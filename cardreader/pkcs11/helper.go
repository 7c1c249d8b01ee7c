package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"wardlight/cardreader"
)

// helper is a process of our own binary with one module in it. One call at a time.
type helper struct {
	module   Module
	patience time.Duration
	cmd      *exec.Cmd
	to, from *os.File
	gone     chan struct{} // closed when the process has ended
}

// startHelper runs the program as a helper for one module.
func startHelper(ctx context.Context, cfg Config, m Module) (*helper, error) {
	theirIn, to, err := os.Pipe()
	if err != nil {
		return nil, brokenOff(m, err)
	}
	from, theirOut, err := os.Pipe()
	if err != nil {
		_ = errors.Join(theirIn.Close(), to.Close())
		return nil, brokenOff(m, err)
	}
	h := &helper{module: m, patience: cfg.Patience, to: to, from: from, gone: make(chan struct{})}
	// ctx is a call's; the helper outlives it.
	h.cmd = exec.CommandContext(context.WithoutCancel(ctx), cfg.Program)
	h.cmd.Args = slices.Concat(cfg.Helper, []string{m.Path})
	// What a vendor's library writes to standard error goes nowhere: it would tear up the screen, and may tell secrets.
	h.cmd.Env = helperEnviron(cfg.Environ)
	if err := hand(h.cmd, theirIn, theirOut); err != nil {
		_ = errors.Join(theirIn.Close(), theirOut.Close(), to.Close(), from.Close())
		return nil, brokenOff(m, err)
	}
	started := make(chan error, 1)
	go func() {
		// On Linux the process ends with the thread that started it, which therefore must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := h.cmd.Start()
		_ = errors.Join(theirIn.Close(), theirOut.Close())
		started <- err
		if err == nil {
			_ = h.cmd.Wait()
		}
		close(h.gone)
	}()
	if err := <-started; err != nil {
		_ = errors.Join(to.Close(), from.Close())
		return nil, brokenOff(m, err)
	}
	return h, nil
}

// helperEnviron returns our environment without what makes modules write secrets down: OpenSC's log has the passcode
// in it.
func helperEnviron(environ []string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, "OPENSC_DEBUG=") || strings.HasPrefix(entry, "GOTRACEBACK=")
	})
	return append(kept, "GOTRACEBACK=none")
}

// alive reports whether the process has not ended yet.
func (h *helper) alive() bool {
	select {
	case <-h.gone:
		return false
	default:
		return true
	}
}

// call makes one exchange. A helper that does not answer in time, answers nonsense, dies, or is not waited for any more
// because ctx ended, is killed; then the error is a *cardreader.Error of kind NotResponding, Internal or Busy. What the
// module itself refused stands in the reply. The secret is not used any more when call returns.
func (h *helper) call(ctx context.Context, r request, secret []byte) (reply, error) {
	patience := h.patience
	if r.Sign != nil && r.Sign.OnReader {
		patience += typingTimeout
	}
	limit, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type answer struct {
		reply
		err error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		if a.err = writeFrame(h.to, r, secret); a.err == nil {
			a.err = readFrame(h.from, &a.reply, nil)
		}
		done <- a
	}()
	select {
	case a := <-done:
		if a.err != nil {
			h.kill()
			return reply{}, brokenOff(h.module, a.err)
		}
		return a.reply, nil
	case <-limit.Done():
		h.kill()
		<-done // it lets go of the secret: both pipes are closed
		if ctx.Err() != nil {
			return reply{}, &cardreader.Error{Kind: cardreader.Busy, Err: ctx.Err()}
		}
		return reply{}, silent(h.module, limit.Err())
	}
}

// end has the process finish in order, or kills it when it does not. It takes goodbye at most.
func (h *helper) end() {
	_ = h.to.Close()
	timer := time.NewTimer(goodbye)
	defer timer.Stop()
	select {
	case <-h.gone:
	case <-timer.C:
	}
	h.kill()
}

// kill ends the process at once. A second kill does nothing.
func (h *helper) kill() {
	_ = h.cmd.Process.Kill()
	_ = errors.Join(h.to.Close(), h.from.Close())
	<-h.gone
}

// inspect asks for the library and its slots.
func (h *helper) inspect(ctx context.Context) (reply, error) {
	return h.success(h.call(ctx, request{Op: opInspect}, nil))
}

// read asks for the certificates in a slot.
func (h *helper) read(ctx context.Context, slot uint) ([]certificate, error) {
	r, err := h.success(h.call(ctx, request{Op: opRead, Slot: slot}, nil))
	return r.Certificates, err
}

// success makes an error of a reply that tells a failure.
func (h *helper) success(r reply, err error) (reply, error) {
	if err == nil {
		err = failure(r)
	}
	var e *cardreader.Error
	if errors.As(err, &e) && e.Err != nil {
		e.Err = fmt.Errorf("%s: %w", h.module.Path, e.Err)
	}
	return r, err
}
