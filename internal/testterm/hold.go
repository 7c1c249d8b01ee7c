package testterm

import "time"

// RepeatRate is how often a second a terminal sends a key that is held down. It says of none that it is a repeat.
const RepeatRate = 30

// Clock moves the clock of the program on a Console, which stands still otherwise. With it, what a program does after a
// pause depends on the length of the pause alone, and not on how fast the computer is.
type Clock interface {
	// Move waits until the program has handled what was typed since the last Move, in these pieces, and then moves the
	// program's clock by d. The error says that the program did not do it, or has ended.
	Move(typed []string, d time.Duration) error
}

// Hold presses keys in turn, RepeatRate times a second on the program's clock, for the given time: what a terminal
// sends while a key is held down. It is for keys that must not do anything; what they did not do is for the test to
// look at. It needs Options.Clock.
func (t *Terminal) Hold(d time.Duration, keys ...string) *Terminal {
	t.t.Helper()
	for i := range max(1, int(d*RepeatRate/time.Second)) {
		t.Press(keys[i%len(keys)]).Pause(time.Second / RepeatRate)
	}
	return t
}

// Pause lets time pass on the program's clock before more is typed, as a slow line does between the bytes of one key,
// and a person between two. The program has handled all that was typed before. It needs Options.Clock.
func (t *Terminal) Pause(d time.Duration) *Terminal {
	t.t.Helper()
	if t.clock == nil {
		t.t.Fatalf("testterm: a pause needs Options.Clock")
	}
	typed := t.typed
	t.typed = nil
	return t.must(t.clock.Move(typed, d))
}
