package testterm

import "time"

// The pauses of Insist. They are longer than the key delay, and grow because the program's clock may run slower than
// the computer's.
const (
	firstPause  = 600 * time.Millisecond
	pauseGrowth = 1.5
)

// Insist presses a key until the matcher matches, as a user does with a key that has a key delay. It pauses after each
// press, because a press within the delay restarts the delay. After the timeout the error is a *[ScreenError]. Use it
// only if a second press does no harm, or if the test must detect that harm.
func (c *Console) Insist(key string, m Matcher) error {
	return c.insist(func() error { return c.Press(key) }, m)
}

// InsistLine types a line and Enter until the matcher matches, like Insist.
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
