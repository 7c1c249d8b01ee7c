package screenbench

import (
	"strings"
	"testing"
)

func TestIdle_Count(t *testing.T) {
	trace := `10 100.000000 epoll_pwait(6<anon_inode:[eventpoll]>,  <unfinished ...>
11 100.000100 restart_syscall(<... resuming interrupted read ...> <unfinished ...>
11 102.000000 <... restart_syscall resumed>) = 0
11 102.000100 sendto(5<UNIX-STREAM:[1->2]>, "x", 1, MSG_NOSIGNAL, NULL, 0) = 1
12 102.010000 <... futex resumed>) = 0
9  103.000000 <... futex resumed>) = -1 ETIMEDOUT (Connection timed out)
9  103.000100 nanosleep({tv_sec=0, tv_nsec=20000}, NULL) = 0
10 104.000000 <... epoll_pwait resumed>[], 128, 22, NULL, 0) = 0
10 104.022000 <... epoll_pwait resumed>[], 128, 22, NULL, 0) = 0
10 105.000000 <... epoll_pwait resumed> <detached ...>
11 105.000000 restart_syscall(<... resuming interrupted poll ...>) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)
`

	var idle Idle
	if err := idle.count(strings.NewReader(trace)); err != nil {
		t.Fatal(err)
	}

	if want := (Idle{WakeUps: 2, Watcher: 1, Runtime: 1, Calls: 7}); idle != want {
		t.Errorf("count = %+v, want %+v", idle, want)
	}

	if err := idle.count(strings.NewReader("11 then sendto() = 1\n")); err == nil {
		t.Error("count of a line without a time succeeded, want error")
	}
}
