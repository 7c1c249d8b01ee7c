// Package act decides what a key press does: which command it is for, and whether it counts.
//
// The panes and the linear mode choose their commands by this package, so that the same press has the same outcome in
// both. It is pure: it reads no clock and asks no terminal, and knows nothing of what the commands do.
package act

import "time"

// KeyDelay is the key delay of the commands that matter: those that open, write, print, choose a patient, a role or a
// printer. It is longer than the time in which somebody who types reacts to what has just appeared.
const KeyDelay = 400 * time.Millisecond

// firstRepeat is the longest time between the press of a key that is held down and its first repeat. A terminal sends
// each repeat as another press, so nothing else tells them apart. Windows waits up to 1 s, X.Org 0.66 s, GNOME 0.5 s,
// the Linux console 0.25 s.
const firstRepeat = time.Second

// Command is one thing that the user can do on a screen.
type Command struct {
	Keys []string // its keys, as Bubble Tea names them: "o", "enter", "ctrl+l"; the first one stands for the command
	Key  string   // the key as the screen shows it: "Ctrl-L"
	Word string   // the number that names it in a list; elsewhere "", and the words of Does name it
	Does string   // what it does, in words; a command without is not shown

	Since time.Time     // when it came into sight; the zero value means long ago
	Delay time.Duration // its key delay; 0 for commands that do no harm when typed ahead

	Ready   bool   // whether it can be done now
	Why     string // why it cannot; "" where the screen says so
	Running bool   // whether it is being done, so that it is not begun again
	Unseen  bool   // whether it works in a window that is too small to show it

	// Do does it, and returns the effect that is left to whoever holds the session; nil for none.
	Do func() any
}

// Moment is what a press is judged by, besides its command.
type Moment struct {
	Now   time.Time
	Last  time.Time // when the same key was pressed before; the zero value means never
	Idle  bool      // the session has been idle for too long
	Small bool      // the window is too small to show anything
}

// Verdict is whether a press counts, or why it does not.
type Verdict int

// The verdicts.
const (
	Counts   Verdict = iota
	Idle             // the session is to be locked instead
	TooSmall         // nobody sees what the key would do
	Running          // it is being done already
	NotReady         // it cannot be done now
	TooSoon          // it was not in sight for its key delay
	Held             // the key was not silent for the key delay: it may be held down
)

// String names the verdict.
func (v Verdict) String() string {
	switch v {
	case Counts:
		return "counts"
	case Idle:
		return "idle"
	case TooSmall:
		return "too small"
	case Running:
		return "running"
	case NotReady:
		return "not ready"
	case TooSoon:
		return "too soon"
	case Held:
		return "held"
	default:
		return "unknown"
	}
}

// TooEarly reports whether the same press would count after a pause.
func (v Verdict) TooEarly() bool { return v == TooSoon || v == Held }

// Press decides whether the press of a command's key counts.
//
// A command with a key delay has to be in sight for that long, and its key has to be silent for that long: a press that
// comes too early starts the delay anew, so that a key that is held down never gets through. After a press that was too
// early the key may be held until its first repeat, so it has to be silent until then.
func Press(c Command, m Moment) Verdict {
	visible := c.Since.Add(c.Delay)
	silence := m.Now.Sub(m.Last)
	switch {
	case m.Idle:
		return Idle
	case m.Small && !c.Unseen:
		return TooSmall
	case c.Running:
		return Running
	case !c.Ready:
		return NotReady
	case c.Delay <= 0:
		return Counts
	case m.Now.Before(visible):
		return TooSoon
	case m.Last.IsZero():
		return Counts
	case silence < c.Delay, silence < firstRepeat && m.Last.Before(visible):
		return Held
	default:
		return Counts
	}
}
