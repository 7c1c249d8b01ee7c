//go:build !windows

package tui

import (
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"
)

// suspendable reports whether a shell with job control started the program: it has a process group of its own, and the
// shell resumes it. A program started directly by the terminal, or by a script of the session leader, would never be
// resumed (an orphaned process group in POSIX).
func suspendable() bool {
	leader, err := unix.Getsid(0)
	return err == nil && leader != syscall.Getpgrp()
}

// watchForSuspend sends the key Ctrl-Z to the program when it receives SIGTSTP, so that the session is locked before
// the program stops. The returned function stops watching.
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

// stopSelf stops the process group with SIGSTOP, and returns when it is resumed. Threads do not all stop at once, so
// it waits for SIGCONT: the caller must not run on until then.
func stopSelf() {
	back := make(chan os.Signal, 1)
	signal.Notify(back, syscall.SIGCONT)
	defer signal.Stop(back)
	_ = syscall.Kill(0, syscall.SIGSTOP)
	<-back
}
