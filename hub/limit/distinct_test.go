package limit_test

import (
	"strconv"
	"testing"
	"time"

	"wardlight/hub/limit"
)

func TestDistinct(t *testing.T) {
	now := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	d := limit.NewDistinct(3, time.Hour)
	for i, c := range []struct {
		after time.Duration
		key   string
		names []string
		want  bool
	}{
		{0, "ada", []string{"1", "2", "3"}, false},
		{0, "ada", []string{"1", "2", "3"}, false},
		{0, "eve", []string{"4"}, false},
		{0, "ada", nil, false},
		{0, "ada", []string{"4"}, true},
		{0, "ada", []string{"5"}, false}, // reported only once
		{time.Hour, "ada", []string{"6", "7", "8"}, false},
		{0, "ada", []string{"9", "10"}, true},
	} {
		now = now.Add(c.after)
		if got := d.Add(c.key, c.names, now); got != c.want {
			t.Errorf("%d: Add = %v, want %v", i, got, c.want)
		}
	}

	for i := range 10_000 { // more keys than are counted
		d.Add(strconv.Itoa(i), []string{"1"}, now)
	}

	if got, none := d.Max(), limit.NewDistinct(0, time.Hour).Max(); got != 3 || none != 0 {
		t.Errorf("Max = %d and without a limit %d, want 3 and 0", got, none)
	}

	if limit.NewDistinct(0, time.Hour).Add("ada", []string{"1"}, now) {
		t.Error("Add without a limit = true, want false")
	}
}
