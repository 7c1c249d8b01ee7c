package testterm

import "time"

// The pauses of Insist: longer than the key delay of the commands that have one, and growing, as a scenario's clock may
// run slower than the world's.
const (
	firstPause  = 600 * time.Millisecond
	pauseGrowth = 1.5
)

// Insist presses a key until the matcher holds, as a person does with a key that does nothing for a moment on purpose.
// A key that was pressed too early has to be silent for its delay, so that there is a pause after each press. The test
// fails at the deadline. Use it only where a second press does no harm, or where doing harm should be found out.
func (t *Terminal) Insist(key string, m Matcher) *Terminal {
	t.t.Helper()
	return t.insist(func() { t.Press(key) }, m)
}

// InsistLine types a line and Enter until the matcher holds, as Insist does with a key.
func (t *Terminal) InsistLine(line string, m Matcher) *Terminal {
	t.t.Helper()
	return t.insist(func() { t.Type(line).Press("enter") }, m)
}

func (t *Terminal) insist(press func(), m Matcher) *Terminal {
	t.t.Helper()
	pause := firstPause
	for end := time.Now().Add(t.patience); time.Now().Before(end); {
		press()
		t.mu.Lock()
		held := t.waitFor(pause, func() bool {
			return t.exited && t.read || !t.screen.drawing() && m.Holds(t.screen.grid())
		})
		t.mu.Unlock()
		if held {
			break
		}
		pause = time.Duration(float64(pause) * pauseGrowth)
	}
	return t.Expect(m)
}
