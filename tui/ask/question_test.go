package ask_test

import (
	"context"
	"errors"
	"testing"

	"wardlight/tui/ask"
)

// get returns a function that returns value and the error of its context, which it also stores in ended.
func get(value string, ended *error) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		*ended = ctx.Err()
		return value, ctx.Err()
	}
}

func TestQuestion(t *testing.T) {
	var q ask.Request[string]
	var ended error
	if q.Pending() || q.Accepts(ask.Answer[string]{Value: "never asked"}) {
		t.Error("the zero Question is pending or accepts an answer")
	}
	first := q.Ask(t.Context(), get("first", &ended))
	if !q.Pending() {
		t.Error("Pending after Ask = false, want true")
	}
	a := first()
	if a.Value != "first" || a.Err != nil || !q.Accepts(a) || q.Pending() {
		t.Errorf("answer %+v was not accepted, or the request is still pending", a)
	}
	if q.Accepts(a) {
		t.Error("the same answer was accepted twice")
	}
}

func TestQuestion_AskedAgain(t *testing.T) {
	var q ask.Request[string]
	var ended error
	first := q.Ask(t.Context(), get("first", &ended))
	second := q.Ask(t.Context(), get("second", &ended))
	if a := first(); !errors.Is(ended, context.Canceled) || q.Accepts(a) || !q.Pending() {
		t.Error("a second Ask did not cancel the first request, or its answer was accepted")
	}
	if a := second(); !q.Accepts(a) || a.Value != "second" {
		t.Errorf("answer %+v to the second request was not accepted", a)
	}
}

func TestQuestion_Dropped(t *testing.T) {
	var q ask.Request[string]
	var ended error
	late := q.Ask(t.Context(), get("late", &ended))
	q.Drop()
	if a := late(); !errors.Is(ended, context.Canceled) || q.Accepts(a) || q.Pending() {
		t.Error("Drop did not cancel the request, or its answer was accepted")
	}
	scope, end := context.WithCancel(t.Context())
	late = q.Ask(scope, get("late", &ended))
	end()
	if late(); !errors.Is(ended, context.Canceled) || !q.Pending() {
		t.Error("the end of the parent context did not cancel the request, or ended the question")
	}
}

// The answer to one request is not accepted by another Request of the same type.
func TestQuestion_OfAnother(t *testing.T) {
	var one, other ask.Request[string]
	var ended error
	a, b := one.Ask(t.Context(), get("one", &ended)), other.Ask(t.Context(), get("other", &ended))
	if one.Accepts(b()) || other.Accepts(a()) {
		t.Error("the answer to another Question was accepted")
	}
}
