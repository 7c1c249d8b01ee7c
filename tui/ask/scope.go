package ask

import "context"

// Scope is for how long answers are wanted, such as until the card is out. The zero value has no context yet.
type Scope struct {
	Ctx    context.Context
	cancel context.CancelFunc
}

// Renew ends the scope, and begins another within ctx.
func (s *Scope) Renew(ctx context.Context) {
	s.End()
	s.Ctx, s.cancel = context.WithCancel(ctx)
}

// End cancels what is still being asked.
func (s *Scope) End() {
	if s.cancel != nil {
		s.cancel()
	}
}

// Number tells one list, or one tick of the clock, from those before it: what comes with an earlier number is late. 0
// is none.
type Number uint64
