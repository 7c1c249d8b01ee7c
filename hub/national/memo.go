package national

import (
	"context"
	"sync"
)

// maxMemo is the maximum number of answers in a memo. A person's request needs one or two. An upload has a row for
// each of many patients, and asks for the same patient in succession.
const maxMemo = 16

// memo has the answers of national services for one request of the hub.
type memo struct {
	mu   sync.Mutex
	keys []any // oldest first
	all  map[any]any
}

type memoKey struct{}

// WithMemo returns a context in which [Remember] stores answers. It is for one request of the hub: answers of national
// services aren't stored beyond it.
func WithMemo(ctx context.Context) context.Context {
	return context.WithValue(ctx, memoKey{}, &memo{all: make(map[any]any)})
}

// Remember returns the answer that is stored for the key in the context's memo. If there is none, it asks, and stores
// the answer unless there is an error. Without a memo it asks. Each type of key is for one type of answer.
func Remember[V any](ctx context.Context, key any, ask func() (V, error)) (V, error) {
	m, ok := ctx.Value(memoKey{}).(*memo)
	if !ok {
		return ask()
	}
	if v, ok := m.get(key).(V); ok {
		return v, nil
	}
	v, err := ask()
	if err == nil {
		m.put(key, v)
	}
	return v, err
}

func (m *memo) get(key any) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[key]
}

func (m *memo) put(key, value any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.keys) == maxMemo {
		delete(m.all, m.keys[0])
		m.keys = m.keys[1:]
	}
	m.keys, m.all[key] = append(m.keys, key), value
}
