// Package ask holds what is being asked of somebody outside: the hub, the card, the printers, a file.
//
// What asks takes time, and meanwhile the user goes on: leaves the patient, locks, asks again. So each answer carries
// the question that it belongs to, and is accepted by that question alone, as long as it is pending.
package ask

import "context"

// Question is asked one at a time: asking again drops the one before. The zero value asks nothing. It is for one
// goroutine; the function that Ask returns may run on another.
type Question[T any] struct {
	of     *token
	cancel context.CancelFunc
}

// token is what tells one asking from every other.
type token struct{ _ byte }

// Answer is what came of a question: a value, or the error with which getting it failed.
type Answer[T any] struct {
	of    *token
	Value T
	Err   error
}

// Ask begins the question and returns the function that gets the answer, outside of whoever asks. The context of get
// ends with parent, and when the question is dropped.
func (q *Question[T]) Ask(parent context.Context, get func(context.Context) (T, error)) func() Answer[T] {
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
func (q *Question[T]) Pending() bool { return q.of != nil }

// Accepts reports whether the answer is the one that is awaited, and ends the question then. The answer to a question
// that was dropped, or asked again since, is late: whoever gets it does nothing with it.
func (q *Question[T]) Accepts(a Answer[T]) bool {
	if q.of == nil || q.of != a.of {
		return false
	}
	q.Drop()
	return true
}

// Drop ends the question: no answer to it is accepted, and the context in which it is being got is cancelled.
func (q *Question[T]) Drop() {
	if q.cancel != nil {
		q.cancel()
	}
	*q = Question[T]{}
}
