package scenario

import (
	"math"
	"time"
)

// Minute returns a clock that starts at from and never leaves that minute, so that screens show the same time however
// long the scenario takes. It starts at normal speed and becomes ever slower, but always advances. now is the real
// clock.
func Minute(from time.Time, now func() time.Time) func() time.Time {
	const whole = float64(59 * time.Second)
	began := now()
	return func() time.Time {
		passed := float64(now().Sub(began))
		return from.Add(time.Duration(whole * (1 - math.Exp(-passed/whole))))
	}
}
