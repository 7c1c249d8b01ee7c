package testterm

import "time"

// The pauses of PressUntil. They are longer than the key delay, and grow because the program's clock may run slower
// than the computer's.
const (
	firstPause  = 600 * time.Millisecond
	pauseGrowth = 1.5
)

// PressUntil presses a key until the matcher matches, as a user does with a key that has a key delay. It pauses after
// each press, because a press within the delay restarts the delay. After the timeout the error is a *[ScreenError].
// Use it only if a second press does no harm, or if the test must detect that harm.
func (c *Console) PressUntil(key string, m Matcher) error {
	return c.repeatUntil(func() error { return c.Press(key) }, m)
}

// TypeUntil types a line and Enter until the matcher matches, like PressUntil.
func (c *Console) TypeUntil(line string, m Matcher) error {
	return c.repeatUntil(func() error {
		c.Type(line)
		return c.Press("enter")
	}, m)
}

func (c *Console) repeatUntil(press func() error, m Matcher) error {
	pause := firstPause
	for end := time.Now().Add(c.timeout); time.Now().Before(end); {
		if err := press(); err != nil {
			return err
		}
		c.mu.Lock()
		stored := c.waitUntil(pause, func() bool {
			return c.ended() || !c.screen.drawing() && m.Matches(c.screen.grid())
		})
		c.mu.Unlock()
		if stored {
			break
		}
		pause = time.Duration(float64(pause) * pauseGrowth)
	}
	return c.Await(m)
}
