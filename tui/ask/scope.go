package ask

import (
	"context"
)

// Scope is how long answers are wanted: until the card is out, or the patient is left.
type Scope struct {
	Ctx    context.Context
	cancel context.CancelFunc
}

// Renew ends the life and begins another within ctx.
func (l *Scope) Renew(ctx context.Context) {
	l.End()
	l.Ctx, l.cancel = context.WithCancel(ctx)
}

// End cancels what is still being asked.
func (l *Scope) End() {
	if l.cancel != nil {
		l.cancel()
	}
}

// Number numbers a question to the desk. The answer carries the number; when another question of the kind has been asked
// since, or none is awaited any more, the answer is late and is dropped. 0 is no question.
type Number uint64
