package shell

// runningOps counts the operations that quitting would cut off, so that the user is asked first. They go on after the
// session ends, even if the card is removed.
type runningOps struct {
	flags  int // flags being written to the record system
	pages  int // pages being sent to a printer
	remove int // lists or flags being removed from this computer
}

func (u runningOps) any() bool { return u != runningOps{} }

// add adds the counts of other with sign 1, and subtracts them with -1.
func (u *runningOps) add(other runningOps, sign int) {
	u.flags += sign * other.flags
	u.pages += sign * other.pages
	u.remove += sign * other.remove
}
