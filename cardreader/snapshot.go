package cardreader

import "bytes"

// SameReaders reports whether two states of the readers are equal, in the same order. A nil state differs from any
// other state, also from an empty one. Implementations of System.Wait use it to decide whether to return at once.
func SameReaders(a, b []Reader) bool {
	if (a == nil) != (b == nil) || len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].same(b[i]) {
			return false
		}
	}
	return true
}

func (r Reader) same(o Reader) bool {
	return r.Name == o.Name && r.Present == o.Present && r.Mute == o.Mute && r.Shared == o.Shared &&
		r.Exclusive == o.Exclusive && r.Events == o.Events && bytes.Equal(r.ATR, o.ATR)
}
