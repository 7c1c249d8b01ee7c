package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// testHooks replaces timers and input events in tests. Fields that are nil are set by complete.
type testHooks struct {
	after        func(time.Duration, func()) // calls the function after a delay, in a goroutine
	started      func(send func(tea.Msg))    // receives send, which returns once the program has the message
	filter       func(filter) filter         // wraps the filter of the panes; it sees every message first
	inputHandled func(bytes int)             // is called after linear mode has handled that many bytes of input
}

// complete returns h with the defaults for the fields that are nil.
func (h testHooks) complete() testHooks {
	if h.after == nil {
		h.after = func(d time.Duration, do func()) { time.AfterFunc(d, do) }
	}
	if h.started == nil {
		h.started = func(func(tea.Msg)) {}
	}
	if h.filter == nil {
		h.filter = func(f filter) filter { return f }
	}
	if h.inputHandled == nil {
		h.inputHandled = func(int) {}
	}
	return h
}
