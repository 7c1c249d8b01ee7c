//go:build !windows

package tui

import (
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"
)

// suspendable reports whether there is a shell to go to: one that gave this program a process group of its own, and
// takes the terminal back when it stops. Where the program is what the terminal was started for, or a script of a
// session's leader started it, nobody would ever let it go on (POSIX: an orphaned process group).
func suspendable() bool {
	leader, err := unix.Getsid(0)
	return err == nil && leader != syscall.Getpgrp()
}

// watchForSuspend turns the terminal's own Ctrl-Z into the key, so that the session is locked before the program stops.
func watchForSuspend(send func(tea.Msg)) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGTSTP)
	go func() {
		for {
			select {
			case <-signals:
				send(tea.KeyPressMsg{Code: 'z', Mod: tea.ModCtrl})
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// stopSelf stops the program, and what the shell started with it, until somebody brings it back. The threads of a
// program do not stop all at once: what comes after it waits until the program goes on.
func stopSelf() {
	back := make(chan os.Signal, 1)
	signal.Notify(back, syscall.SIGCONT)
	defer signal.Stop(back)
	_ = syscall.Kill(0, syscall.SIGSTOP)
	<-back
}
