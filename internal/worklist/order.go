package worklist

import (
	"slices"

	"wardlight/client"
)

// Order is how a list is shown.
type Order int

// The orders.
const (
	AlertsFirst Order = iota // alerts, then what could not be checked, not checked, none recorded; each as in the file
	AsInFile
)

// In returns the places of all patients in the order.
func (c *Check) In(o Order) []int {
	all := make([]int, len(c.patients))
	for i := range all {
		all[i] = i
	}
	if o == AlertsFirst {
		slices.SortStableFunc(all, func(a, b int) int { return urgency(c.answers[a].State) - urgency(c.answers[b].State) })
	}
	return all
}

// urgency orders the states: who may need somebody's attention comes first.
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
