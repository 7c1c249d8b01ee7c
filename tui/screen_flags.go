package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/recordsystem"
)

// flagsScreen is the flags that are not yet written into the record system.
type flagsScreen struct {
	*common
	waiting  recordsystem.Waiting
	asking   bool // for the list, or for it to be written
	writing  bool
	removing bool // asks before the marked one is removed
	err      error
	chosen   int
	from     int
	shownAt  time.Time
}

func newFlagsScreen(c *common) *flagsScreen {
	return &flagsScreen{common: c, asking: true, shownAt: c.now()}
}

func (s *flagsScreen) typing() bool { return false }
func (s *flagsScreen) paste(string) {}
func (s *flagsScreen) wipe()        { *s = flagsScreen{common: s.common, asking: true} }

// some reports whether there is something to write or remove now.
func (s *flagsScreen) some() bool { return !s.asking && len(s.waiting.Flags) > 0 }

func (s *flagsScreen) bindings() (main, minor []key.Binding) {
	if s.removing {
		return []key.Binding{as(s.keys.Yes, wordYesRemove), as(s.keys.Esc, wordKeep)}, nil
	}
	several := s.some() && len(s.waiting.Flags) > 1
	return []key.Binding{
		when(as(s.keys.Flag, wordRetryFlags), s.some()), when(as(s.keys.Remove, wordRemove), s.some()),
		when(as(s.keys.Scroll, wordMove), several), s.keys.Esc,
	}, nil
}

func (s *flagsScreen) press(k tea.KeyPressMsg) action {
	switch {
	case s.removing:
		return s.pressRemoving(k)
	case key.Matches(k, s.keys.Esc):
		return actBack{}
	case !s.some():
	case key.Matches(k, s.keys.Flag):
		if k.IsRepeat || s.justCame(s.shownAt) {
			return nil
		}
		s.asking, s.writing, s.err = true, true, nil
		return actRetryFlags{}
	case key.Matches(k, s.keys.Remove):
		s.removing = true
	case key.Matches(k, s.keys.Up):
		s.chosen = max(0, s.chosen-1)
	case key.Matches(k, s.keys.Down):
		s.chosen = min(len(s.waiting.Flags)-1, s.chosen+1)
	}
	return nil
}

// pressRemoving answers the question whether the marked one is to be removed.
func (s *flagsScreen) pressRemoving(k tea.KeyPressMsg) action {
	switch {
	case key.Matches(k, s.keys.Yes):
		s.removing, s.asking, s.err = false, true, nil
		return actForgetFlag{s.waiting.Flags[s.chosen].ID}
	case key.Matches(k, s.keys.Esc):
		s.removing = false
	}
	return nil
}

// show takes in what waits.
func (s *flagsScreen) show(w recordsystem.Waiting, err error) {
	s.waiting, s.err = w, err
	s.asking, s.writing, s.removing = false, false, false
	s.chosen = max(0, min(s.chosen, len(w.Flags)-1))
	s.shownAt = s.now()
}
