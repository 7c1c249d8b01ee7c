package national

import (
	"context"
	"sync"
)

// memo has the answers that were requested for one request of a person.
type memo struct {
	mu  sync.Mutex
	all map[string]func() (any, error)
}

type memoKey struct{}

// withMemo returns a context with a memo, unless it has one.
func withMemo(ctx context.Context) context.Context {
	if _, ok := ctx.Value(memoKey{}).(*memo); ok {
		return ctx
	}
	return context.WithValue(ctx, memoKey{}, &memo{all: make(map[string]func() (any, error))})
}

// Memo returns the result of get. For a request of a person ([WithCaller]) it calls get once for each key, and then
// returns the same result, also an error. The result is dropped with the request. The key contains the service.
func Memo[T any](ctx context.Context, key string, get func() (T, error)) (T, error) {
	m, ok := ctx.Value(memoKey{}).(*memo)
	if !ok {
		return get()
	}

	m.mu.Lock()
	once, known := m.all[key]
	if !known {
		once = sync.OnceValues(func() (any, error) { return get() })
		m.all[key] = once
	}
	m.mu.Unlock()

	result, err := once()
	t, _ := result.(T)
	return t, err
}
