package tui

import (
	"strconv"
	"time"

	"wardlight/internal/recordsystem"
	"wardlight/tui/act"
	"wardlight/tui/step"
)

// flagsScreen is the flags that are not yet written into the record system.
type flagsScreen struct {
	*step.Common
	step.Unfocused
	waiting  recordsystem.Waiting
	asking   bool // for the list, or for it to be written
	writing  bool
	removing bool // asks before the marked one is removed
	err      error
	chosen   int
	from     int
	since    time.Time // when the list that is shown came
}

func newFlagsScreen(c *step.Common) *flagsScreen {
	return &flagsScreen{Common: c, asking: true}
}

func (s *flagsScreen) Wipe() { *s = flagsScreen{Common: s.Common, asking: true} }

// some reports whether there is something to write or remove now.
func (s *flagsScreen) some() bool { return !s.asking && len(s.waiting.Flags) > 0 }

// choices returns the flags; choosing one asks whether it is to be removed.
func (s *flagsScreen) Choices() []act.Command {
	if !s.some() || s.removing {
		return nil
	}
	all := make([]act.Command, len(s.waiting.Flags))
	for i := range all {
		all[i] = act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: func() step.Action { s.chosen, s.removing = i, true; return nil }}
	}
	return all
}

func (s *flagsScreen) Commands() (main, minor []act.Command) {
	if s.removing {
		return []act.Command{
			step.Command(step.As(s.Keys.Yes, step.WordYesRemove), s.remove),
			step.Command(step.As(s.Keys.Esc, wordKeep), func() step.Action { s.removing = false; return nil }),
		}, nil
	}
	write := step.Command(step.When(step.As(s.Keys.Flag, wordRetryFlags), s.some()), func() step.Action {
		s.asking, s.writing, s.err = true, true, nil
		return actRetryFlags{}
	})
	remove := step.Command(step.When(step.As(s.Keys.Remove, step.WordRemove), s.some()), func() step.Action { s.removing = true; return nil })
	main = append([]act.Command{s.Delayed(write, s.since), remove}, s.Updown(step.WordMove, s.some() && len(s.waiting.Flags) > 1, s.move)...)
	return append(main, step.Command(s.Keys.Esc, step.Effect(step.Back{}))), nil
}

// move marks a flag n rows on.
func (s *flagsScreen) move(n int) { s.chosen = max(0, min(s.chosen+n, len(s.waiting.Flags)-1)) }

// remove takes the marked flag off the list.
func (s *flagsScreen) remove() step.Action {
	s.removing, s.asking, s.err = false, true, nil
	return actForgetFlag{s.waiting.Flags[s.chosen].ID}
}

// show takes in what waits.
func (s *flagsScreen) show(w recordsystem.Waiting, err error) {
	s.waiting, s.err = w, err
	s.asking, s.writing, s.removing = false, false, false
	s.chosen = max(0, min(s.chosen, len(w.Flags)-1))
	s.since = s.Now()
}
