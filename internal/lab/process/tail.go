// Package process runs a server as a child process that ends at the latest with this process.
// Other packages of internal/lab import it.
package process

import (
	"bytes"
	"sync"
)

// Tail stores the end of a program's output.
type Tail struct {
	mu sync.Mutex
	b  []byte
}

// tailSize is the maximum number of stored bytes.
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

// String returns the stored output, trimmed.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.b))
}
