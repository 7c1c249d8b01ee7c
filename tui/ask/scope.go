package ask

import "context"

// Scope is a context for requests that can be renewed, such as until the card is removed. The zero value has no
// context.
type Scope struct {
	Ctx    context.Context
	cancel context.CancelFunc
}

// Renew cancels the context and creates a new one within ctx.
func (s *Scope) Renew(ctx context.Context) {
	s.End()
	s.Ctx, s.cancel = context.WithCancel(ctx)
}

// End cancels the context.
func (s *Scope) End() {
	if s.cancel != nil {
		s.cancel()
	}
}

// Number identifies a list or a timer, so that messages for an earlier one can be ignored. 0 means none.
type Number uint64
