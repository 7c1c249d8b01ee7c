// Package flags is the screen of the flags that could not be written into the record system yet.
package flags

import (
	"slices"
	"strconv"
	"time"

	"wardlight/internal/recordsystem"
	"wardlight/tui/act"
	"wardlight/tui/step"
)

// Screen is the flags that are not yet written into the record system.
type Screen struct {
	*step.Common
	step.Unfocused
	Waiting  recordsystem.Waiting
	writing  bool
	Removing bool // asks before the marked one is removed
	err      error
	chosen   int
	from     int
	since    time.Time // when the list that is shown came
}

// New returns the screen of the flags that wait.
func New(c *step.Common) *Screen {
	return &Screen{Common: c}
}

// Wipe drops what was typed and shown.
func (s *Screen) Wipe() { *s = Screen{Common: s.Common} }

// Unfinished reports whether the user is asked if a flag is to be removed.
func (s *Screen) Unfinished() bool { return s.Removing }

// some reports whether there is something to write or remove now.
func (s *Screen) some() bool { return !s.Flags.Asked.Pending() && len(s.Waiting.Flags) > 0 }

// Choices returns the flags; choosing one asks whether it is to be removed.
func (s *Screen) Choices() []act.Command {
	if !s.some() || s.Removing {
		return nil
	}
	all := make([]act.Command, len(s.Waiting.Flags))
	for i := range all {
		all[i] = act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: func() step.Action { s.chosen, s.Removing = i, true; return nil }}
	}
	return all
}

// Commands returns what can be done here.
func (s *Screen) Commands() (main, minor []act.Command) {
	if s.Removing {
		return []act.Command{
			step.Command(step.As(s.Keys.Yes, step.WordYesRemove), s.remove),
			step.Command(step.As(s.Keys.Esc, wordKeep), func() step.Action { s.Removing = false; return nil }),
		}, nil
	}
	write := step.Command(step.When(step.As(s.Keys.Flag, wordRetryFlags), s.some()), func() step.Action {
		s.writing, s.err = true, nil
		return Retry{}
	})
	remove := step.Command(step.When(step.As(s.Keys.Remove, step.WordRemove), s.some()), func() step.Action { s.Removing = true; return nil })
	main = append([]act.Command{s.Delayed(write, s.since), remove}, s.Updown(step.WordMove, s.some() && len(s.Waiting.Flags) > 1, s.move)...)
	return append(main, step.Command(s.Keys.Esc, step.Effect(step.Back{}))), nil
}

// move marks a flag n rows on.
func (s *Screen) move(n int) { s.chosen = max(0, min(s.chosen+n, len(s.Waiting.Flags)-1)) }

// remove takes the marked flag off the list.
func (s *Screen) remove() step.Action {
	s.Removing, s.err = false, nil
	return Forget{s.Waiting.Flags[s.chosen].ID}
}

// Show takes in what waits.
func (s *Screen) Show(w recordsystem.Waiting, err error) {
	s.Waiting, s.err = w, err
	s.writing, s.Removing = false, false
	s.chosen = max(0, min(s.chosen, len(w.Flags)-1))
	s.since = s.Now()
}

// Failing reports whether the screen shows a failure: of what was asked last, or why a flag was not written.
func (s *Screen) Failing() bool {
	return !s.Removing && (s.err != nil || s.Waiting.Err != nil ||
		slices.ContainsFunc(s.Waiting.Flags, func(k recordsystem.Kept) bool { return k.Code != "" }))
}
