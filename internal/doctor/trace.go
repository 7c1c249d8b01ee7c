package doctor

import (
	"bytes"
	"sync"
)

// Trace keeps what cardreader.Traced tells, up to a bound. A card that is given up on may go on telling, hence the
// lock. The zero value is empty and ready to use.
type Trace struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

// maxTrace is how much is kept, in bytes; reading a card and signing with it makes about twenty thousand.
const maxTrace = 1 << 20

// Write implements io.Writer. What is over the bound is dropped.
func (t *Trace) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept.Len()+len(p) <= maxTrace {
		t.kept.Write(p)
	}
	return len(p), nil
}

// Bytes returns a copy of what was kept.
func (t *Trace) Bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.kept.Bytes())
}
