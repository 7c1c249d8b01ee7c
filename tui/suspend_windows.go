package tui

import tea "charm.land/bubbletea/v2"

// suspendable tells whether a program can be sent to the background from its terminal.
const suspendable = false

func watchForSuspend(func(tea.Msg)) (stop func()) { return func() {} }

func stopSelf() {}
