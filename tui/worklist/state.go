package worklist

import (
	"time"

	"wardlight/internal/worklist"
	"wardlight/tui/ask"
)

// State is the list in hand and what goes on with it while the user is on other screens. The lock drops it.
type State struct {
	List  *worklist.Check // nil when there is none
	Made  time.Time       // when it was read
	Run   ask.Number      // its number: what is of an earlier list is late
	Tick  ask.Number      // after which there is more to do; 0 for none
	Scope ask.Scope

	Saved   *worklist.Kept               // offered, not taken
	Looking ask.Question[*worklist.Kept] // whether one is kept
	Reading ask.Question[worklist.List]  // a file
	Pending worklist.List                // was read, and waits for whether it takes the place of the one in hand
	From    worklist.List                // of the list in hand: what was skipped of its file; without its patients

	Writing ask.Question[Saved] // a table

	Started bool // it was kept once, or that has failed: patients may be asked about
	Saving  bool
	Changed bool  // since the last saving began
	SaveErr error // why it is only in memory
}

// Saved is the answer that a table was written.
type Saved struct{}

// Drop forgets the list and all that goes on with it. The numbers of what is awaited are dropped, too.
func (r *State) Drop() {
	r.Scope.End()
	r.Looking.Drop()
	r.Reading.Drop()
	r.Writing.Drop()
	*r = State{}
}

// Unfinished returns the list whose loss would lose something: the one in hand, else the one that is offered.
func (r *State) Unfinished(person string) (worklist.Tally, bool) {
	list := r.List
	if list == nil && r.Saved != nil {
		list = r.Saved.Check(person, 0)
	}
	if list == nil {
		return worklist.Tally{}, false
	}
	return list.Tally(), list.Unanswered()
}

// Losable reports whether the end of the session loses patients of whom there is no answer yet.
func (r *State) Losable() bool { return r.List != nil && r.SaveErr != nil && r.List.Unanswered() }
