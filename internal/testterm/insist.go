package testterm

import "time"

// insistEvery is how long Insist looks at the screen before it presses the key again.
const insistEvery = 100 * time.Millisecond

// Insist presses a key until the matcher holds, as a person does with a key that is deaf for a moment on purpose. The test
// fails at the deadline. Use it only where a second press does no harm, or where doing harm should be found out.
func (t *Terminal) Insist(key string, m Matcher) *Terminal {
	t.t.Helper()
	for end := time.Now().Add(t.patience); time.Now().Before(end); {
		t.Press(key)
		t.mu.Lock()
		held := t.waitFor(insistEvery, func() bool {
			return t.exited && t.read || !t.screen.drawing() && m.Holds(t.screen.grid())
		})
		t.mu.Unlock()
		if held {
			break
		}
	}
	return t.Expect(m)
}
