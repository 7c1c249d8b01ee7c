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

// helper is a process of this program's binary with one module loaded. It is not safe for concurrent use.
type helper struct {
	module   Module
	timeout  time.Duration
	cmd      *exec.Cmd
	to, from *os.File
	gone     chan struct{} // closed when the process has ended
}

// startHelper starts the program as a helper for one module.
func startHelper(ctx context.Context, cfg Config, m Module) (*helper, error) {
	theirIn, to, err := os.Pipe()
	if err != nil {
		return nil, helperDiedError(m, err)
	}

	from, theirOut, err := os.Pipe()
	if err != nil {
		_ = errors.Join(theirIn.Close(), to.Close())
		return nil, helperDiedError(m, err)
	}

	h := &helper{module: m, timeout: cfg.Timeout, to: to, from: from, gone: make(chan struct{})}

	// ctx belongs to one call, but the helper outlives it.
	h.cmd = exec.CommandContext(context.WithoutCancel(ctx), cfg.Program)
	h.cmd.Args = slices.Concat(cfg.Helper, []string{m.Path})

	// Standard error is discarded: a vendor's library may write secrets to it, and its output would garble the screen.
	h.cmd.Env = helperEnviron(cfg.Environ)
	if err := passPipes(h.cmd, theirIn, theirOut); err != nil {
		_ = errors.Join(theirIn.Close(), theirOut.Close(), to.Close(), from.Close())
		return nil, helperDiedError(m, err)
	}

	started := make(chan error, 1)
	go func() {
		// On Linux the parent-death signal is sent when the thread that started the process exits. This thread must
		// therefore exist as long as the process.
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
		return nil, helperDiedError(m, err)
	}

	return h, nil
}

// helperEnviron returns the environment without variables that make modules log secrets. OpenSC's debug log contains
// the passcode.
func helperEnviron(environ []string) []string {
	saved := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, "OPENSC_DEBUG=") || strings.HasPrefix(entry, "GOTRACEBACK=")
	})
	return append(saved, "GOTRACEBACK=none")
}

// alive reports whether the process is running.
func (h *helper) alive() bool {
	select {
	case <-h.gone:
		return false
	default:
		return true
	}
}

// call makes one exchange. A helper is killed if it doesn't answer in time, answers nonsense or dies, or if ctx is
// done. The error is then a *cardreader.Error of kind NotResponding, Internal or Busy. Errors of the module itself are
// in the reply. After call has returned, the secret is no longer used.
func (h *helper) call(ctx context.Context, r request, secret []byte) (reply, error) {
	timeout := h.timeout
	if r.Sign != nil && r.Sign.OnReader {
		timeout += typingTimeout
	}

	limit, cancel := context.WithTimeout(ctx, timeout)
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
			return reply{}, helperDiedError(h.module, a.err)
		}
		return a.reply, nil
	case <-limit.Done():
		h.kill()
		<-done // returns at once, because both pipes are closed; secret is then unused
		if ctx.Err() != nil {
			return reply{}, &cardreader.Error{Kind: cardreader.Busy, Err: ctx.Err()}
		}
		return reply{}, timeoutError(h.module, limit.Err())
	}
}

// end asks the process to exit and kills it after the timeout goodbye.
func (h *helper) end() {
	_ = h.to.Close()
	timer := time.NewTimer(helperExitTimeout)
	defer timer.Stop()
	select {
	case <-h.gone:
	case <-timer.C:
	}
	h.kill()
}

// kill kills the process. A second call does nothing.
func (h *helper) kill() {
	_ = h.cmd.Process.Kill()
	_ = errors.Join(h.to.Close(), h.from.Close())
	<-h.gone
}

// inspect returns the library's description and its slots.
func (h *helper) inspect(ctx context.Context) (reply, error) {
	return h.success(h.call(ctx, request{Op: opInspect}, nil))
}

// read returns the certificates in a slot.
func (h *helper) read(ctx context.Context, slot uint) ([]certificate, error) {
	r, err := h.success(h.call(ctx, request{Op: opRead, Slot: slot}, nil))
	return r.Certificates, err
}

// success returns the reply, or an error if the reply reports one.
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
