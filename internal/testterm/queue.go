package testterm

import "sync"

// queue is an unbounded queue of input for the program, so that neither a test nor the screen blocks if the program
// does not read. It has its own lock, because answers are added while the screen is being written to.
type queue struct {
	mu     sync.Mutex
	more   sync.Cond
	items  [][]byte
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.more.L = &q.mu
	return q
}

func (q *queue) put(b []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = append(q.items, b)
	q.more.Signal()
}

// take waits for the next bytes. It reports false if the queue is closed.
func (q *queue) take() ([]byte, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.more.Wait()
	}
	if q.closed {
		return nil, false
	}
	b := q.items[0]
	q.items = q.items[1:]
	return b, true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.more.Broadcast()
}
