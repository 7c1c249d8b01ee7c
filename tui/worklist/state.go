package worklist

import (
	"time"

	"wardlight/internal/worklist"
	"wardlight/tui/ask"
)

// State is the active list and its running requests, which go on while other screens are shown. It is dropped when the
// session ends.
type State struct {
	List   *worklist.Check // nil if there is none
	ReadAt time.Time       // when it was read
	Run    ask.Number      // its number, so that replies for an earlier list can be ignored
	Tick   ask.Number      // number of its timer; 0 for none
	Scope  ask.Scope

	Saved   *worklist.SavedList              // the saved list that is offered
	Looking ask.Request[*worklist.SavedList] // request for the saved list
	Reading ask.Request[worklist.List]       // reading of a file
	Pending worklist.List                    // read, but not yet confirmed as replacement
	From    worklist.List                    // what was skipped in the file of the active list; without patients

	Writing ask.Request[Saved] // writing of a table

	Started bool // saving was tried once, so requests may begin
	Saving  bool
	Changed bool  // changed since the running save began
	SaveErr error // why the list could not be saved
}

// Saved is the answer that a table was written.
type Saved struct{}

// Drop drops the list and its running requests.
func (r *State) Drop() {
	r.Scope.End()
	r.Looking.Drop()
	r.Reading.Drop()
	r.Writing.Drop()
	*r = State{}
}

// Unfinished returns the counts of the active list, or else of the saved one. It reports whether patients of it have
// no answer yet.
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

// WouldLose reports whether patients without an answer are lost when the session ends.
func (r *State) WouldLose() bool { return r.List != nil && r.SaveErr != nil && r.List.Unanswered() }
