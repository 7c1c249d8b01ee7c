package worklist

import (
	"slices"

	"wardlight/client"
)

// Order is the order in which a list is shown.
type Order int

// The orders.
const (
	AlertsFirst Order = iota // alerts, could not check, not checked, none recorded; within each as in the file
	AsInFile
)

// Indexes returns the indexes of all patients in order o.
func (c *Check) Indexes(o Order) []int {
	all := make([]int, len(c.patients))
	for i := range all {
		all[i] = i
	}
	if o == AlertsFirst {
		slices.SortStableFunc(all, func(a, b int) int {
			return urgency(c.answers[a].State) - urgency(c.answers[b].State)
		})
	}
	return all
}

// urgency returns the sort key of a state: states that may need action come first.
func urgency(s client.State) int {
	switch s {
	case client.Alert:
		return 0
	case client.CouldNotCheck:
		return 1
	case client.NoneRecorded:
		return 3
	default:
		return 2
	}
}
