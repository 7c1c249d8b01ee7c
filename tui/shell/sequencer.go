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

// Sequencer lets what is done outside of Update happen in the order in which Update began it: what comes late, after
// its successor, is left out, so that a list that was removed or replaced does not come back.
type Sequencer struct {
	mu   sync.Mutex
	last ask.Number
}

// Do carries f out, unless something with a later number was done before.
func (o *Sequencer) Do(n ask.Number, f func() error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n < o.last {
		return nil
	}
	o.last = n
	return f()
}
