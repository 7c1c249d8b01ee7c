package worklist

import (
	"time"

	"wardlight/internal/worklist"
	"wardlight/tui/ask"
)

// Room is the list in hand and what goes on with it while the user is on other screens. The lock drops it.
type Room struct {
	List *worklist.Check // nil when there is none
	Made time.Time       // when it was read
	Run  ask.Number      // its number: what is of an earlier list is late
	Tick ask.Number      // after which there is more to do; 0 for none
	Life ask.Life

	Kept    *worklist.Kept                   // offered, not taken
	Looking ask.Question[*worklist.Kept]     // whether one is kept
	Reading ask.Question[[]worklist.Patient] // a file
	Pending []worklist.Patient

	Begun   bool // it was kept once, or that has failed: patients may be asked about
	Saving  bool
	Changed bool  // since the last saving began
	Unkept  error // why it is only in memory
}

// Drop forgets the list and all that goes on with it. The numbers of what is awaited are dropped, too.
func (r *Room) Drop() {
	r.Life.End()
	r.Looking.Drop()
	r.Reading.Drop()
	*r = Room{}
}

// Unfinished is the list whose loss would lose something: the one in hand, else the one that is offered.
func (r *Room) Unfinished(person string) (worklist.Tally, bool) {
	list := r.List
	if list == nil && r.Kept != nil {
		list = r.Kept.Check(person, 0)
	}
	if list == nil {
		return worklist.Tally{}, false
	}
	return list.Tally(), list.Unanswered()
}

// Losable reports whether the end of the session loses patients of whom there is no answer yet.
func (r *Room) Losable() bool { return r.List != nil && r.Unkept != nil && r.List.Unanswered() }
