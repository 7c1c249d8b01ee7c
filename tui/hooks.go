package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// hooks are what the tests put in the place of real time. The zero value, completed, is the real one.
type hooks struct {
	after  func(time.Duration, func()) // does something after a while, beside the program
	begin  func(send func(tea.Msg))    // gets what hands the running program a message: it returns once that is taken
	filter func(filter) filter         // sees every message of the panes first
	typed  func(bytes int)             // is called when so many bytes have been handled by the linear mode
}

// complete returns the hooks with the real ones where there were none.
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
