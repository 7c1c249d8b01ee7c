package tui

import tea "charm.land/bubbletea/v2"

// suspendable returns false: Windows has no job control.
func suspendable() bool { return false }

func watchForSuspend(func(tea.Msg)) (stop func()) { return func() {} }

func stopSelf() {}
