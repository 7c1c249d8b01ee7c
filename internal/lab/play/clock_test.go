package play

import (
	"strings"
	"testing"
	"time"
)

func TestClock_GoesOnOnly(t *testing.T) {
	at := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
	c := newClock(at)
	if err := c.set(at); err != nil {
		t.Errorf("set to the same date: %v", err)
	}
	if got := c.Now(); got.Before(at) || got.Truncate(time.Minute) != at {
		t.Errorf("Now = %v, want within the minute of %v", got, at)
	}
	later := at.AddDate(0, 0, 1)
	if err := c.set(later); err != nil || c.Now().Truncate(time.Minute) != later {
		t.Errorf("set to the next day: Now = %v, error %v, want %v", c.Now(), err, later)
	}
	if err := c.set(at); err == nil || !strings.Contains(err.Error(), "it is already 2026-12-02 12:00") {
		t.Errorf("set to an earlier date: error = %v, want the current time", err)
	}
}

func TestClock_IsTheComputersWithoutADate(t *testing.T) {
	c := newClock(time.Time{})
	if before := time.Now(); c.Now().Before(before) {
		t.Errorf("Now = %v, want at least %v", c.Now(), before)
	}
	if err := c.set(time.Now().AddDate(-1, 0, 0)); err == nil ||
		!strings.Contains(err.Error(), "must be the first step") {
		t.Errorf("set to a year ago: error = %v, want advice to make it the first step", err)
	}
}

func TestOpen_ADateFarAway(t *testing.T) {
	for _, years := range []int{-41, 41} {
		if _, err := Open(t.Context(), Options{Start: time.Now().AddDate(years, 0, 0)}); err == nil ||
			!strings.Contains(err.Error(), "at most 40 years from today") {
			t.Errorf("Open %d years from today: error = %v, want at most 40 years", years, err)
		}
	}
}
