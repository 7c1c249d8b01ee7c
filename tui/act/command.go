// Package act decides which command a key press belongs to, and whether the press counts.
//
// Panes and linear mode both use it, so that the same press has the same result. The package has no side effects: the
// caller passes the time, and commands are only described here.
package act

import "time"

// KeyDelay is the key delay of commands with consequences: those that open, write, print, or choose a patient, a role
// or a printer. It is longer than the time in which a typist can react to a change of the screen.
const KeyDelay = 400 * time.Millisecond

// firstRepeat is the maximum time between the press of a key that is held down and its first repeat. Terminals send
// repeats like presses, so only time tells them apart. Windows waits up to 1 s, X.Org 0.66 s, GNOME 0.5 s, the Linux
// console 0.25 s.
const firstRepeat = time.Second

// Command is an operation that the user can carry out on a screen.
type Command struct {
	Keys []string // keys, as Bubble Tea names them: "o", "enter", "ctrl+l"; the first identifies the command
	Key  string   // the key as shown, such as "Ctrl-L"
	Word string   // the number of a list entry; "" elsewhere, where Does identifies the command
	Does string   // description; a command without one is not shown

	Since time.Time     // when it was first shown; the zero value means long ago
	Delay time.Duration // its key delay; 0 for commands that do no harm when typed too early

	Ready   bool   // available now
	Why     string // why it is not available; "" if the screen shows the reason
	Running bool   // being carried out, so that it must not be started again
	Unseen  bool   // available even in a window that is too small to show it

	// Do carries the command out, and returns an action for the model, or nil.
	Do func() any
}

// PressContext is the circumstances of a key press.
type PressContext struct {
	Now   time.Time
	Last  time.Time // the last press of the same key; the zero value means never
	Idle  bool      // the session has been idle for too long
	Small bool      // the window is too small to show anything
}

// Verdict is whether a key press counts, or why it does not.
type Verdict int

// The verdicts.
const (
	Counts    Verdict = iota
	Idle              // the session must be locked instead
	TooSmall          // the user can't see what the key does
	Running           // being carried out already
	NotReady          // not available now
	TooSoon           // pressed before it was shown for its key delay
	MaybeHeld         // pressed again within the key delay, so the key may be held down
)

// String returns the name of the verdict.
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
	case MaybeHeld:
		return "held"
	default:
		return "unknown"
	}
}

// TooEarly reports whether the press would count after a pause.
func (v Verdict) TooEarly() bool { return v == TooSoon || v == MaybeHeld }

// Press decides whether the press of a command's key counts.
//
// A command with a key delay must have been shown for that time, and its key must not have been pressed for that time.
// A press that comes too early restarts the delay, so that a key that is held down never counts. After a press before
// the command was ready, the pause must be firstRepeat, because the key may be held down and not have repeated yet.
func Press(c Command, m PressContext) Verdict {
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
		return MaybeHeld
	default:
		return Counts
	}
}
