// Package flags has the screen of the flags that could not be written to the record system yet.
package flags

import (
	"slices"
	"strconv"
	"time"

	"wardlight/internal/recordsystem"
	"wardlight/tui/act"
	"wardlight/tui/step"
)

// Screen shows the flags that are not yet written to the record system.
type Screen struct {
	*step.Common
	step.Unfocused
	Waiting  recordsystem.PendingFlags
	writing  bool
	Removing bool // asks for confirmation before the marked flag is removed
	err      error
	chosen   int
	from     int
	since    time.Time // when the current list was first shown
}

// New returns the screen of the pending flags.
func New(c *step.Common) *Screen {
	return &Screen{Common: c}
}

// Wipe clears all data that was typed or shown.
func (s *Screen) Wipe() { *s = Screen{Common: s.Common} }

// Unfinished reports whether the screen asks for confirmation.
func (s *Screen) Unfinished() bool { return s.Removing }

// some reports whether there are flags to write or remove, and no request is running.
func (s *Screen) some() bool { return !s.Flags.Asked.Pending() && len(s.Waiting.Flags) > 0 }

// Choices returns a command for each flag, which asks whether to remove it.
func (s *Screen) Choices() []act.Command {
	if !s.some() || s.Removing {
		return nil
	}
	all := make([]act.Command, len(s.Waiting.Flags))
	for i := range all {
		all[i] = act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: func() step.Action {
			s.chosen, s.Removing = i, true
			return nil
		}}
	}
	return all
}

// Commands returns the main and the minor commands of the screen.
func (s *Screen) Commands() (main, minor []act.Command) {
	if s.Removing {
		return []act.Command{
			step.Command(step.As(s.Keys.Yes, step.WordYesRemove), s.remove),
			step.Command(step.As(s.Keys.Esc, wordSave), func() step.Action { s.Removing = false; return nil }),
		}, nil
	}
	write := step.Command(step.When(step.As(s.Keys.Flag, wordRetryFlags), s.some()), func() step.Action {
		s.writing, s.err = true, nil
		return Retry{}
	})
	remove := step.Command(step.When(step.As(s.Keys.Remove, step.WordRemove), s.some()), func() step.Action {
		s.Removing = true
		return nil
	})
	main = append([]act.Command{s.Delayed(write, s.since), remove}, s.Updown(step.WordMove, s.some() &&
		len(s.Waiting.Flags) > 1, s.move)...)
	return append(main, step.Command(s.Keys.Esc, step.Effect(step.Back{}))), nil
}

// move moves the selection by n rows.
func (s *Screen) move(n int) { s.chosen = max(0, min(s.chosen+n, len(s.Waiting.Flags)-1)) }

// remove returns the action that removes the marked flag.
func (s *Screen) remove() step.Action {
	s.Removing, s.err = false, nil
	return Forget{s.Waiting.Flags[s.chosen].ID}
}

// Show shows the pending flags, and the error of the last request.
func (s *Screen) Show(w recordsystem.PendingFlags, err error) {
	s.Waiting, s.err = w, err
	s.writing, s.Removing = false, false
	s.chosen = max(0, min(s.chosen, len(w.Flags)-1))
	s.since = s.Now()
}

// Failing reports whether the screen shows a failure of the last request, or why a flag was not written.
func (s *Screen) Failing() bool {
	return !s.Removing && (s.err != nil || s.Waiting.Err != nil ||
		slices.ContainsFunc(s.Waiting.Flags, func(k recordsystem.PendingFlag) bool { return k.Code != "" }))
}
