package limit

import "context"

// Lanes bounds how much is worked out at once. Those who have behaved share the wide lane; a source that has spent
// its budget has to queue in the narrow one, where it holds up nobody but itself and its neighbours. Nobody is turned
// away.
//
// One semaphore does not do as well: everybody waits behind the source's queue, which is as long as the connections it
// may have. On two processors, while 512 connections flood the hub, three signatures of somebody who behaves take
// 0.26 ms in lanes and 70 to 145 ms with one semaphore (BenchmarkLanes).
type Lanes struct{ wide, narrow chan struct{} }

// NewLanes makes lanes: wide is how many at once in the wide one; the narrow one takes one at a time.
func NewLanes(wide int) *Lanes {
	return &Lanes{make(chan struct{}, max(1, wide)), make(chan struct{}, 1)}
}

// Enter waits for a place, and gives the way to leave it. The error is ctx's.
func (l *Lanes) Enter(ctx context.Context, narrow bool) (leave func(), err error) {
	lane := l.wide
	if narrow {
		lane = l.narrow
	}
	select {
	case lane <- struct{}{}:
		return func() { <-lane }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
