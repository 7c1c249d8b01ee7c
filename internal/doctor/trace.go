package doctor

import (
	"bytes"
	"sync"
)

// Trace collects the output of cardreader.Traced up to maxTrace. It is safe for concurrent use, because a card
// operation may still write after it was abandoned. The zero value is ready to use.
type Trace struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// maxTrace is the maximum size in bytes. Reading a card and signing with it produces about twenty thousand.
const maxTrace = 1 << 20

// Write implements io.Writer. It discards p if maxTrace would be exceeded.
func (t *Trace) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buffer.Len()+len(p) <= maxTrace {
		t.buffer.Write(p)
	}
	return len(p), nil
}

// Bytes returns a copy of the collected output.
func (t *Trace) Bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.buffer.Bytes())
}
