package tui

import (
	"wardlight/tui/ask"
	"wardlight/tui/worklist"

	"sync"
)

func (m *model) onWorklist() bool {
	_, is := m.top().(*worklist.Screen)
	return is
}

// inOrder lets what is done outside of Update happen in the order in which Update began it: what comes late, after its successor,
// is left out, so that a list that was removed or replaced does not come back.
type inOrder struct {
	mu   sync.Mutex
	last ask.Number
}

func (o *inOrder) do(n ask.Number, f func() error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n < o.last {
		return nil
	}
	o.last = n
	return f()
}
