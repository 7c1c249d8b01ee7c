package scenario_test

import (
	"testing"
	"time"

	"wardlight/internal/lab/scenario"
)

func TestAMinuteNeverEnds(t *testing.T) {
	from := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	now := time.Unix(0, 0)
	clock := scenario.Minute(from, func() time.Time { return now })
	last := clock()
	if !last.Equal(from) {
		t.Errorf("first reading = %v, want %v", last, from)
	}

	now = now.Add(400 * time.Millisecond)
	if passed := clock().Sub(from); passed < 390*time.Millisecond || passed > 400*time.Millisecond {
		t.Errorf("after 0.4 s the clock has advanced by %v, want about the same", passed)
	}

	for range 20 {
		now = now.Add(20 * time.Second)
		at := clock()
		if !at.After(last) || at.Truncate(time.Minute) != from {
			t.Fatalf("after %v the clock shows %v, want later than %v and within the minute",
				now.Sub(time.Unix(0, 0)), at, last)
		}
		last = at
	}
}
