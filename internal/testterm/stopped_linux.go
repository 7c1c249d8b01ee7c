package testterm

import (
	"time"

	"golang.org/x/sys/unix"
)

// stoppedEvery is how often ExpectStopped asks the kernel, which tells nobody by itself.
const stoppedEvery = 5 * time.Millisecond

// ExpectStopped waits until the program has been stopped, or has stopped itself, as it does after Ctrl-Z. Before that SIGCONT would be
// in vain. The test fails at the deadline, or when the program ends.
func (t *Terminal) ExpectStopped() *Terminal {
	t.t.Helper()
	tick, deadline := time.NewTicker(stoppedEvery), time.NewTimer(t.patience)
	defer tick.Stop()
	defer deadline.Stop()
	for {
		var status unix.Siginfo
		err := unix.Waitid(unix.P_PID, t.cmd.Process.Pid, &status, unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err == nil && status.Signo != 0 {
			return t
		}
		if err != nil && err != unix.EINTR { //nolint:errorlint // it is a bare number
			t.t.Fatalf("testterm: the program has ended, or cannot be asked whether it is stopped: %v", err)
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.t.Fatalf("testterm: the program is not stopped, after %v\n%s", t.patience, frame(t.Grid()))
		}
	}
}
