// Package process runs a server beside this program, which needs nothing of the computer's own and ends with this
// program at the latest.
package process

import (
	"bytes"
	"sync"
)

// Tail keeps the end of what a program says.
type Tail struct {
	mu sync.Mutex
	b  []byte
}

// tailSize is how much of it, in bytes.
const tailSize = 4096

// Write implements io.Writer.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if extra := len(t.b) - tailSize; extra > 0 {
		t.b = append(t.b[:0], t.b[extra:]...)
	}
	return len(p), nil
}

// String returns the last that was said.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.b))
}
