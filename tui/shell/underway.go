package shell

// underWay counts what has been begun and must not be cut off unasked by the end of the program. It outlives the
// session: a card that is pulled calls none of it off.
type underWay struct {
	flags  int // being written into the record system
	pages  int // on their way to a printer
	remove int // lists, or flags, being removed from this computer
}

func (u underWay) any() bool { return u != underWay{} }

// add counts what begins, with 1 as its sign, or ends, with -1.
func (u *underWay) add(other underWay, sign int) {
	u.flags += sign * other.flags
	u.pages += sign * other.pages
	u.remove += sign * other.remove
}
