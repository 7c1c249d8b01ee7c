package testterm

import "time"

// RepeatRate is how often a second a terminal sends a key that is held down. It says of none that it is a repeat.
const RepeatRate = 30

// Hold presses keys in turn, RepeatRate times a second, for the given time: what a terminal sends while a key is held
// down. It is for keys that must not do anything; what they did not do is for the test to look at.
func (t *Terminal) Hold(d time.Duration, keys ...string) *Terminal {
	t.t.Helper()
	next := time.NewTicker(time.Second / RepeatRate)
	defer next.Stop()
	for i := range max(1, int(d*RepeatRate/time.Second)) {
		t.Press(keys[i%len(keys)])
		<-next.C
	}
	return t
}

// Pause lets time pass before more is typed, as a slow line does between the bytes of one key, and a person between
// two.
func (t *Terminal) Pause(d time.Duration) *Terminal {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
	return t
}
