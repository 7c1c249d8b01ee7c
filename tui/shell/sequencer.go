package shell

import (
	"sync"

	"wardlight/tui/ask"
	"wardlight/tui/worklist"
)

// OnWorklist reports whether the worklist is shown.
func (m *Model) OnWorklist() bool {
	_, is := m.Top().(*worklist.Screen)
	return is
}

// Sequencer orders operations that run outside of Update. An operation that arrives after a later one is skipped, so
// that a list that was removed or replaced is not saved again.
type Sequencer struct {
	mu   sync.Mutex
	last ask.Number
}

// Do calls f unless an operation with a later number was done before.
func (o *Sequencer) Do(n ask.Number, f func() error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n < o.last {
		return nil
	}
	o.last = n
	return f()
}
