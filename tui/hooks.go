package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// hooks replaces timers and input events in tests. Fields that are nil are set by complete.
type hooks struct {
	after  func(time.Duration, func()) // calls the function after a delay, in a goroutine
	begin  func(send func(tea.Msg))    // receives send, which returns once the program has the message
	filter func(filter) filter         // wraps the filter of the panes; it sees every message first
	typed  func(bytes int)             // is called after linear mode has handled that many bytes of input
}

// complete returns h with the defaults for the fields that are nil.
func (h hooks) complete() hooks {
	if h.after == nil {
		h.after = func(d time.Duration, do func()) { time.AfterFunc(d, do) }
	}
	if h.begin == nil {
		h.begin = func(func(tea.Msg)) {}
	}
	if h.filter == nil {
		h.filter = func(f filter) filter { return f }
	}
	if h.typed == nil {
		h.typed = func(int) {}
	}
	return h
}
