package scenario

import (
	"math"
	"time"
)

// Minute returns a clock that goes on, ever more slowly, and never leaves the minute that began at from: what a screen
// says of the time is the same however long the scenario takes. It runs as other clocks do at first, never stands
// still and never goes back. now tells how the time really goes.
func Minute(from time.Time, now func() time.Time) func() time.Time {
	const whole = float64(59 * time.Second)
	began := now()
	return func() time.Time {
		passed := float64(now().Sub(began))
		return from.Add(time.Duration(whole * (1 - math.Exp(-passed/whole))))
	}
}
