package process

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// ErrGone is a program that ended while it was waited for.
var ErrGone = errors.New("it has ended")

// Process is a program that was started. Who started it ends it, by its own id.
type Process struct {
	cmd  *exec.Cmd
	gone chan struct{}
}

// Start starts cmd. The kernel ends it with this process, whatever ends that.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, gone: make(chan struct{})}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error, 1)
	go func() { // the kernel means the thread that started it: this one stays as long as the program
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(p.gone)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// PID returns the program's process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Gone returns closed when the program has ended, whatever ended it.
func (p *Process) Gone() <-chan struct{} { return p.gone }

// Signal sends a signal to a program that has not ended.
func (p *Process) Signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// End asks the program to end, by a signal, and makes it when it has not within that time. Of one that has ended it
// asks nothing.
func (p *Process) End(by syscall.Signal, within time.Duration) {
	p.Signal(by)
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-p.gone:
	case <-timer.C:
		p.Kill()
	}
}

// Kill ends the program as a crash would.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.gone
}

// Until asks every so often until there is no error. Otherwise it gives ErrGone when the program ends, and when ctx
// does, its error and the last one.
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
		case <-p.gone:
			return ErrGone
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}
