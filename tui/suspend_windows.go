package tui

import tea "charm.land/bubbletea/v2"

// suspendable reports whether a program can be sent to the background from its terminal.
func suspendable() bool { return false }

func watchForSuspend(func(tea.Msg)) (stop func()) { return func() {} }

func stopSelf() {}
