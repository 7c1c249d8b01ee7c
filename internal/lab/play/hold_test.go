package play

import (
	"errors"
	"testing"
	"time"
)

func TestHold_TheClockGoesOnWhenTheKeyIsTaken(t *testing.T) {
	at := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
	s := &Stage{clock: newClock(at)}
	var seen []time.Time
	err := s.HoldKey(t.Context(), func() error {
		seen = append(seen, s.clock.Now())
		go s.clock.serveTime() // the program handles the key
		return nil
	}, 4, 100*time.Millisecond)
	if err != nil || len(seen) != 4 {
		t.Fatalf("Hold pressed %d times, error %v, want 4", len(seen), err)
	}
	for i := range seen[1:] {
		if got := seen[i+1].Sub(seen[i]); got != 100*time.Millisecond {
			t.Errorf("interval between presses = %v, want 100ms", got)
		}
	}
	if now := s.clock.Now(); now.Before(seen[3].Add(100 * time.Millisecond)) {
		t.Errorf("Now after Hold = %v, want 100ms after the last press at %v", now, seen[3])
	}
}

func TestHold_EndsWithWhoPresses(t *testing.T) {
	s := &Stage{clock: newClock(time.Time{})}
	gone := errors.New("the terminal is gone")
	if err := s.HoldKey(t.Context(), func() error { return gone }, 3, time.Millisecond); !errors.Is(err, gone) {
		t.Errorf("Hold error = %v, want %v", err, gone)
	}
	if before := time.Now(); s.clock.Now().Before(before.Add(-time.Second)) {
		t.Error("the clock is still stopped after Hold")
	}
}
