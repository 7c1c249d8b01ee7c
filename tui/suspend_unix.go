//go:build !windows

package tui

import (
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
)

// suspendable tells whether a program can be sent to the background from its terminal.
const suspendable = true

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

// stopSelf stops the program until somebody brings it back.
func stopSelf() { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) }
