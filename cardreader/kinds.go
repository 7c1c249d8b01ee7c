package cardreader

import (
	"cmp"
	"maps"
	"slices"
)

// Kinds lists every kind in the order of its support code: for the runbook, and for tests that leave none out.
func Kinds() []Kind {
	return slices.SortedFunc(maps.Keys(table), func(a, b Kind) int { return cmp.Compare(table[a].code, table[b].code) })
}
