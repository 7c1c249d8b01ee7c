package national_test

import (
	"context"
	"errors"
	"testing"

	"wardlight/hub/national"
)

func TestMemo(t *testing.T) {
	calls := 0
	get := func() (int, error) { calls++; return calls, nil }
	ask := func(ctx context.Context, key string) int {
		got, err := national.Memo(ctx, key, get)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}

	request := national.WithCaller(t.Context(), national.Caller{UUID: "1"})
	again := national.WithCaller(request, national.Caller{UUID: "1"}) // the same request, tried again
	for _, x := range []struct {
		name string
		ctx  context.Context
		key  string
		want int
	}{
		{"first", request, "a", 1}, {"same key", request, "a", 1}, {"tried again", again, "a", 1},
		{"another key", request, "b", 2},
		{"another request", national.WithCaller(t.Context(), national.Caller{UUID: "1"}), "a", 3},
		{"no caller", t.Context(), "a", 4}, {"no caller, again", t.Context(), "a", 5},
	} {
		if got := ask(x.ctx, x.key); got != x.want {
			t.Errorf("%s: got the result of call %d, want %d", x.name, got, x.want)
		}
	}
}

func TestMemo_Error(t *testing.T) {
	calls, failure := 0, errors.New("failed")
	ctx := national.WithCaller(t.Context(), national.Caller{})
	for range 2 {
		_, err := national.Memo(ctx, "a", func() (*int, error) { calls++; return nil, failure })
		if !errors.Is(err, failure) {
			t.Errorf("got error %v, want %v", err, failure)
		}
	}
	if calls != 1 {
		t.Errorf("got %d calls, want 1", calls)
	}
}
