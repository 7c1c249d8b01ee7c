package testterm

import "time"

// RepeatRate is the number of times a second that a terminal sends a key that is held down. Repeats can't be told from
// presses.
const RepeatRate = 30

// Clock advances the clock of the program on a Console; the clock does not run by itself. What the program does after
// a pause then depends only on the length of the pause, and not on the speed of the computer.
type Clock interface {
	// Move waits until the program has handled the input since the last Move, given as the pieces that were sent, and
	// then advances the program's clock by d. It returns an error if the program does not handle it in time, or has
	// ended.
	Move(typed []string, d time.Duration) error
}

// Hold presses keys in turn, RepeatRate times a second on the program's clock, for the duration d, as a terminal does
// while a key is held down. It is for keys that must have no effect; the test must check that. It needs Options.Clock.
func (t *Terminal) Hold(d time.Duration, keys ...string) *Terminal {
	t.t.Helper()
	for i := range max(1, int(d*RepeatRate/time.Second)) {
		t.Press(keys[i%len(keys)]).Pause(time.Second / RepeatRate)
	}
	return t
}

// Pause advances the program's clock by d after the program has handled all earlier input. It simulates a slow line
// between the bytes of one key, or the time between two key presses. It needs Options.Clock.
func (t *Terminal) Pause(d time.Duration) *Terminal {
	t.t.Helper()
	if t.clock == nil {
		t.t.Fatalf("testterm: Pause needs Options.Clock")
	}
	typed := t.typed
	t.typed = nil
	return t.must(t.clock.Move(typed, d))
}
