package cardreader

import "bytes"

// SameReaders reports whether two looks at the readers saw the same, in the same order. A look that was never taken
// (nil) is unlike any other, one without readers included: it is how a System's Wait decides to return at once.
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
	return r.Name == o.Name && r.Present == o.Present && r.Mute == o.Mute && r.InUse == o.InUse &&
		r.Taken == o.Taken && r.Events == o.Events && bytes.Equal(r.ATR, o.ATR)
}
