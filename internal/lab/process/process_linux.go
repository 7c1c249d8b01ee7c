package process

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// ErrExited is returned if a program ends while another call waits for it to become ready.
var ErrExited = errors.New("it has ended")

// Process is a running program. It is ended only through its own process ID.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts cmd. The kernel kills it when this process ends in any way.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}

	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error, 1)
	go func() { // Pdeathsig is for the end of the starting thread, so this thread must live as long as the program
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(p.done)
	}()

	if err := <-started; err != nil {
		return nil, err
	}

	return p, nil
}

// PID returns the program's process ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done returns a channel that is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Signal sends a signal, unless the program has ended.
func (p *Process) Signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// End sends a signal to end the program, and kills it if it has not ended within a timeout. It does nothing if the
// program has ended.
func (p *Process) End(by syscall.Signal, within time.Duration) {
	p.Signal(by)
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.Kill()
	}
}

// Kill kills the program and waits for its end.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.done
}

// Until calls ask at an interval until it returns no error. It returns ErrExited if the program ends, and if ctx is
// done, its error joined with the last one of ask.
func (p *Process) Until(ctx context.Context, every time.Duration, ask func(context.Context) error) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-p.done:
			return ErrExited
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}
