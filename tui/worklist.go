package tui

import (
	"context"
	"sync"
	"time"

	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
)

// Shelf is where worklists come from and where one is kept from one sign-in to the next; shelf.Shelf is one. Errors say what is
// wrong and what to do. Its methods may be called from any goroutine.
type Shelf interface {
	// Read reads a list from a file. The error is a *worklist.ParseError.
	Read(ctx context.Context, path string, today nhs.Date) ([]worklist.Patient, error)
	// Kept is the list that is kept for the owner; nil when there is none.
	Kept(ctx context.Context, who worklist.Owner, now time.Time) (*worklist.Kept, error)
	// Keep puts the list in the place of the one that was kept, and clears it. After an error it is only in memory.
	Keep(ctx context.Context, who worklist.Owner, list []byte) error
	// Forget removes the list that is kept.
	Forget(ctx context.Context, who worklist.Owner) error
}

// Worklist is what the worklist needs; one without a Shelf leaves it out.
type Worklist struct {
	Shelf Shelf
	File  string        // a list to begin with after the first sign-in; "" for none
	Rate  int           // patients a minute; 0 is no limit
	Old   time.Duration // past it an answer is told to be old; 0 makes none old
}

// waitingRoom is the list in hand and what goes on with it while the user is on other screens. The lock drops it.
type waitingRoom struct {
	list *worklist.Check // nil when there is none
	made time.Time       // when it was read
	run  ask             // its number: what is of an earlier list is late
	tick ask             // after which there is more to do; 0 for none
	life life

	kept    *worklist.Kept // offered, not taken
	looking ask            // whether one is kept
	reading ask            // a file
	pending []worklist.Patient

	begun   bool // it was kept once, or that has failed: patients may be asked about
	saving  bool
	changed bool  // since the last saving began
	unkept  error // why it is only in memory
}

// drop forgets the list and all that goes on with it. The numbers of what is awaited are dropped, too.
func (r *waitingRoom) drop() {
	r.life.end()
	*r = waitingRoom{}
}

// unfinished is the list whose loss would lose something: the one in hand, else the one that is offered.
func (r *waitingRoom) unfinished(person string) (worklist.Tally, bool) {
	list := r.list
	if list == nil && r.kept != nil {
		list = r.kept.Check(person, 0)
	}
	if list == nil {
		return worklist.Tally{}, false
	}
	return list.Tally(), list.Unanswered()
}

// losable reports whether the end of the session loses patients of whom there is no answer yet.
func (r *waitingRoom) losable() bool { return r.list != nil && r.unkept != nil && r.list.Unanswered() }

// inOrder lets what is done outside of Update happen in the order in which Update began it: what comes late, after its successor,
// is left out, so that a list that was removed or replaced does not come back.
type inOrder struct {
	mu   sync.Mutex
	last ask
}

func (o *inOrder) do(n ask, f func() error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n < o.last {
		return nil
	}
	o.last = n
	return f()
}
