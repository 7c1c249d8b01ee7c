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
		t.Errorf("to where it was set: %v", err)
	}
	if got := c.Now(); got.Before(at) || got.Truncate(time.Minute) != at {
		t.Errorf("got %v, want the minute of %v", got, at)
	}
	later := at.AddDate(0, 0, 1)
	if err := c.set(later); err != nil || c.Now().Truncate(time.Minute) != later {
		t.Errorf("a day later: got %v, error %v", c.Now(), err)
	}
	if err := c.set(at); err == nil || !strings.Contains(err.Error(), "it is 2026-12-02 12:00 already") {
		t.Errorf("back: error %v", err)
	}
}

func TestClock_IsTheComputersWithoutADate(t *testing.T) {
	c := newClock(time.Time{})
	if before := time.Now(); c.Now().Before(before) {
		t.Errorf("got %v before %v", c.Now(), before)
	}
	if err := c.set(time.Now().AddDate(-1, 0, 0)); err == nil || !strings.Contains(err.Error(), "has to be the first step") {
		t.Errorf("a year ago: error %v", err)
	}
}

func TestOpen_ADateFarAway(t *testing.T) {
	for _, years := range []int{-41, 41} {
		if _, err := Open(t.Context(), Options{Begins: time.Now().AddDate(years, 0, 0)}); err == nil || !strings.Contains(err.Error(), "at most 40 years from today") {
			t.Errorf("%d years: error %v", years, err)
		}
	}
}
