package testterm

import "time"

// insistEvery is how long Insist looks at the screen before it presses the key again.
const insistEvery = 100 * time.Millisecond

// Insist presses a key until the matcher holds, as a person does with a key that is deaf for a moment on purpose. The error, a
// *ScreenError, comes at the deadline. Use it only where a second press does no harm, or where doing harm should be found out.
func (c *Console) Insist(key string, m Matcher) error {
	for end := time.Now().Add(c.patience); time.Now().Before(end); {
		if err := c.Press(key); err != nil {
			return err
		}
		c.mu.Lock()
		held := c.waitFor(insistEvery, func() bool {
			return c.ended() || !c.screen.drawing() && m.Holds(c.screen.grid())
		})
		c.mu.Unlock()
		if held {
			break
		}
	}
	return c.Await(m)
}
