// Package ask tracks requests to the hub, the card, the printers and files.
//
// Requests take time. Meanwhile the user may leave the patient, lock, or repeat a request. Each answer therefore
// identifies its request, and is accepted only while that request is pending.
package ask

import "context"

// Request tracks one request at a time. A new request drops the previous one. The zero value has no request. It is
// not safe for concurrent use, but the function that Ask returns may run in another goroutine.
type Request[T any] struct {
	of     *token
	cancel context.CancelFunc
}

// token identifies a request. It is not empty, because pointers to zero-size variables may be equal.
type token struct{ _ byte }

// Answer is the result of a request: a value or an error.
type Answer[T any] struct {
	of    *token
	Value T
	Err   error
}

// Ask starts a request and returns a function that gets the answer by calling get, for use in another goroutine. The
// context of get ends with parent, and when the request is dropped.
func (q *Request[T]) Ask(parent context.Context, get func(context.Context) (T, error)) func() Answer[T] {
	q.Drop()
	ctx, cancel := context.WithCancel(parent)
	of := new(token)
	q.of, q.cancel = of, cancel
	return func() Answer[T] {
		value, err := get(ctx)
		return Answer[T]{of, value, err}
	}
}

// Pending reports whether an answer is awaited.
func (q *Request[T]) Pending() bool { return q.of != nil }

// Accepts reports whether a is the answer to the pending request, and ends that request. It returns false for the
// answer to a request that was dropped or repeated, which the caller must ignore.
func (q *Request[T]) Accepts(a Answer[T]) bool {
	if q.of == nil || q.of != a.of {
		return false
	}
	q.Drop()
	return true
}

// Drop cancels the request; its answer will not be accepted.
func (q *Request[T]) Drop() {
	if q.cancel != nil {
		q.cancel()
	}
	*q = Request[T]{}
}
