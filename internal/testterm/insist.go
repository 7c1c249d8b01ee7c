package testterm

import "time"

// The pauses of Insist: longer than the key delay of the commands that have one, and growing, as a scenario's clock may
// run slower than the world's.
const (
	firstPause  = 600 * time.Millisecond
	pauseGrowth = 1.5
)

// Insist presses a key until the matcher holds, as a person does with a key that does nothing for a moment on
// purpose. A key that was pressed too early has to be silent for its delay, so that there is a pause after each
// press. The error, a *ScreenError, comes at the deadline. Use it only where a second press does no harm, or where
// doing harm should be found out.
func (c *Console) Insist(key string, m Matcher) error {
	return c.insist(func() error { return c.Press(key) }, m)
}

// InsistLine types a line and Enter until the matcher holds, as Insist does with a key.
func (c *Console) InsistLine(line string, m Matcher) error {
	return c.insist(func() error {
		c.Type(line)
		return c.Press("enter")
	}, m)
}

func (c *Console) insist(press func() error, m Matcher) error {
	pause := firstPause
	for end := time.Now().Add(c.patience); time.Now().Before(end); {
		if err := press(); err != nil {
			return err
		}
		c.mu.Lock()
		held := c.waitFor(pause, func() bool {
			return c.ended() || !c.screen.drawing() && m.Holds(c.screen.grid())
		})
		c.mu.Unlock()
		if held {
			break
		}
		pause = time.Duration(float64(pause) * pauseGrowth)
	}
	return c.Await(m)
}
