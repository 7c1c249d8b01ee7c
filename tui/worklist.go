package tui

import (
	"time"

	"wardlight/internal/worklist"
	"wardlight/tui/ask"
)

// waitingRoom is the list in hand and what goes on with it while the user is on other screens. The lock drops it.
type waitingRoom struct {
	list *worklist.Check // nil when there is none
	made time.Time       // when it was read
	run  ask.Number      // its number: what is of an earlier list is late
	tick ask.Number      // after which there is more to do; 0 for none
	life ask.Life

	kept    *worklist.Kept // offered, not taken
	looking ask.Number     // whether one is kept
	reading ask.Number     // a file
	pending []worklist.Patient

	begun   bool // it was kept once, or that has failed: patients may be asked about
	saving  bool
	changed bool  // since the last saving began
	unkept  error // why it is only in memory
}

// drop forgets the list and all that goes on with it. The numbers of what is awaited are dropped, too.
func (r *waitingRoom) drop() {
	r.life.End()
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
