//go:build linux

package main

import (
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// skewedClock is the computer's clock, moved by an offset that may change.
type skewedClock struct{ offset atomic.Int64 }

func (c *skewedClock) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// set sets how far the clock is ahead of the computer's.
func (c *skewedClock) set(d time.Duration) { c.offset.Store(int64(d)) }

// TestClockSkew moves the hub's clock, because the wall clock of a single program cannot be moved: Go programs do not
// read it through libc, and time namespaces have none. Only the difference of the two clocks matters. When it is more
// than the hub accepts, the user sees which clock is wrong, by how much, and what to do.
func TestClockSkew(t *testing.T) {
	t.Parallel() // each test starts its own services
	clock := new(skewedClock)
	w := newNetworkSite(t, "", clock.now)
	w.start(30 * time.Second)

	for _, c := range []struct {
		name     string
		ahead    time.Duration // of the hub's clock
		sentence string        // "" if the sign-in works
	}{
		{"hub a minute ahead", time.Minute, ""},
		{"hub a minute behind", -time.Minute, ""},
		{"hub ten minutes ahead", 10*time.Minute + 30*time.Second, "This computer's clock is 10 min slow."},
		{"hub ten minutes behind", -10*time.Minute - 30*time.Second, "This computer's clock is 10 min fast."},
		{"hub a day ahead", 24*time.Hour + 30*time.Minute, "This computer's clock is 24 hours slow."},
		{"hub a day behind", -24*time.Hour - 30*time.Minute, "This computer's clock is 24 hours fast."},
	} {
		ok := t.Run(c.name, func(t *testing.T) { w.signInSkewed(t, clock, c.ahead, c.sentence) })
		if !ok {
			return // the terminal shows another screen than the next case expects
		}
	}

	t.Run("during a session", func(t *testing.T) { w.sessionSkewed(t, clock) })
}

// signInSkewed signs in while the hub's clock is ahead. Afterwards it sets the clock right, and signs in again.
func (w *networkSite) signInSkewed(t *testing.T, clock *skewedClock, ahead time.Duration, sentence string) {
	t.Helper()
	w.in(t)
	w.reinsertAt(clock, ahead)
	w.term.Type(cards.Passcode).Press("enter")
	if sentence != "" {
		w.term.Expect(Contains(sentence), Contains("Ask support to set it"), Contains("H34-400-clock_skew"),
			Contains("Tries left     3"))
		w.asks("doctor").answer(t).expectLine(t, wantFailure{exitSignIn, "H34", sentence, "Ask support to set it"})
		if got := w.nurse.TriesLeft(); got != cards.Tries {
			t.Errorf("passcode tries left: got %d, want %d", got, cards.Tries)
		}
		w.reinsertAt(clock, 0)
		w.term.Type(cards.Passcode).Press("enter")
	}

	w.term.Expect(Contains("Find a patient"))
	w.openAtHubTime(clock)
}

// openAtHubTime opens an alert. Its access has the hub's time.
func (w *networkSite) openAtHubTime(clock *skewedClock) {
	w.t.Helper()
	from := clock.now()
	w.openings++
	w.term.Type(people.OnPlan.Digits()).Press("enter").Expect(Contains("▲ ALERT"))
	w.term.PressUntil("o", Contains("RING NOW"))
	to := clock.now()

	all, err := w.hub.Accesses(w.t.Context(), people.OnPlan)
	if err != nil {
		w.t.Fatal(err)
	}
	var during int
	for _, a := range all {
		if !a.At.Before(from.Truncate(time.Second)) && !a.At.After(to) {
			during++
		}
	}
	if during != 1 {
		w.t.Errorf("accesses with a time of the hub's between %s and %s: got %d, want 1", from, to, during)
	}
	w.notified(w.openings)
}

// sessionSkewed moves the hub's clock during a session. The session goes on when the clock is right again.
func (w *networkSite) sessionSkewed(t *testing.T, clock *skewedClock) {
	t.Helper()
	w.in(t)
	w.reinsertAt(clock, 0)
	w.term.Type(cards.Passcode).Press("enter").Expect(Contains("Find a patient"))
	const sentence, code = "This computer's clock is 3 min slow.", "H34-401-ACCESS_DENIED"

	clock.set(3*time.Minute + 30*time.Second)
	w.term.Type(people.Nothing.Digits()).Press("enter")
	w.term.Expect(Contains("could not check"), Contains(sentence), Contains(code), Not(Contains("none recorded")))
	clock.set(0)
	w.term.PressUntil("r", Contains("none recorded"))

	before := w.accesses(people.OnPlan)
	w.term.Press("n").Type(people.OnPlan.Digits()).Press("enter").Expect(Contains("▲ ALERT"))
	clock.set(3*time.Minute + 30*time.Second)
	w.term.PressUntil("o", Contains(code))
	w.term.Expect(Contains(sentence), Contains("Nothing was recorded"))
	clock.set(0)
	w.openings++
	w.term.PressUntil("o", Contains("RING NOW"))
	if got := w.accesses(people.OnPlan) - before; got != 1 {
		t.Errorf("accesses after the opening: got %d, want 1", got)
	}
	w.notified(w.openings)
}

// reinsertAt removes the card, moves the hub's clock and inserts the card again.
func (w *networkSite) reinsertAt(clock *skewedClock, ahead time.Duration) {
	w.t.Helper()
	w.card.Pull()
	w.term.Expect(Contains("No smartcard in the reader"))
	clock.set(ahead)
	w.insertCard(w.nurse)
	w.term.Expect(Contains("Passcode"), Contains("Tries left     3"))
}
