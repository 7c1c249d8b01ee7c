package identity

import (
	"testing"
	"time"
)

func TestCallersAreRememberedForAWhile(t *testing.T) {
	c := NewCallers(4, time.Minute)
	now := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	key := tokenHash("token")
	c.put(key, known{read: now})
	for after, want := range map[time.Duration]bool{
		0: true, time.Minute: true, time.Minute + 1: false,
		-time.Minute - 1: false,
	} {
		if _, got := c.get(key, now.Add(after)); got != want {
			t.Errorf("get after %s: got %v, want %v", after, got, want)
		}
	}
	c.remove(key)
	if _, got := c.get(key, now); got {
		t.Error("get after forget = true, want false")
	}
}

func TestNoMoreCallersAreRememberedThanWereAllowed(t *testing.T) {
	c := NewCallers(8, time.Minute)
	now := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	for i := range 100 {
		c.put(tokenHash(string(rune(i))), known{read: now})
		remembered := 0
		for j := range 100 {
			if _, ok := c.get(tokenHash(string(rune(j))), now); ok {
				remembered++
			}
		}
		if remembered > 8 || remembered < min(i+1, 4) {
			t.Fatalf("got %d of %d callers cached, want 4 to 8", remembered, i+1)
		}
	}
}
