package ask_test

import (
	"context"
	"errors"
	"testing"

	"wardlight/tui/ask"
)

// get returns a value, and the state of its context.
func get(value string, ended *error) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		*ended = ctx.Err()
		return value, ctx.Err()
	}
}

func TestQuestion(t *testing.T) {
	var q ask.Question[string]
	var ended error
	if q.Pending() || q.Accepts(ask.Answer[string]{Value: "never asked"}) {
		t.Error("a question that was never asked is pending, or accepts an answer")
	}
	first := q.Ask(t.Context(), get("first", &ended))
	if !q.Pending() {
		t.Error("not pending")
	}
	a := first()
	if a.Value != "first" || a.Err != nil || !q.Accepts(a) || q.Pending() {
		t.Errorf("the answer %+v was not accepted, or the question is still pending", a)
	}
	if q.Accepts(a) {
		t.Error("the same answer was accepted twice")
	}
}

func TestQuestion_AskedAgain(t *testing.T) {
	var q ask.Question[string]
	var ended error
	first := q.Ask(t.Context(), get("first", &ended))
	second := q.Ask(t.Context(), get("second", &ended))
	if a := first(); !errors.Is(ended, context.Canceled) || q.Accepts(a) || !q.Pending() {
		t.Error("the question that was asked anew goes on, or its answer was accepted")
	}
	if a := second(); !q.Accepts(a) || a.Value != "second" {
		t.Errorf("%+v was not accepted", a)
	}
}

func TestQuestion_Dropped(t *testing.T) {
	var q ask.Question[string]
	var ended error
	late := q.Ask(t.Context(), get("late", &ended))
	q.Drop()
	if a := late(); !errors.Is(ended, context.Canceled) || q.Accepts(a) || q.Pending() {
		t.Error("a question that was dropped goes on, or its answer was accepted")
	}
	life, end := context.WithCancel(t.Context())
	late = q.Ask(life, get("late", &ended))
	end()
	if late(); !errors.Is(ended, context.Canceled) || !q.Pending() {
		t.Error("the end of its life does not cancel a question, or is taken for its answer")
	}
}

// Two questions of one kind never take each other's answers.
func TestQuestion_OfAnother(t *testing.T) {
	var one, other ask.Question[string]
	var ended error
	a, b := one.Ask(t.Context(), get("one", &ended)), other.Ask(t.Context(), get("other", &ended))
	if one.Accepts(b()) || other.Accepts(a()) {
		t.Error("the answer to another question was accepted")
	}
}
