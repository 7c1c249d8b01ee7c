package card

import (
	"fmt"

	"wardlight/rbac"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *waitingScreen) InLines() []string {
	note := step.Sentences(draw.Lines(s.note))
	return append(note, step.Sentences(s.problem(step.Unbounded), s.Hints(step.Unbounded))...)
}

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Passcode) InLines() []string {
	all := []draw.Pane{draw.Lines(s.note, s.blockedBy), s.facts(step.Unbounded)}
	if s.Blocked {
		return step.Sentences(append(all, step.FaultPane(s.Styles, s.err, step.Unbounded))...)
	}
	if !s.Outside && !s.onReader() {
		all = append(all, draw.Lines(wordPlainPasscode))
	}
	return step.Sentences(append(all, s.errorPane(step.Unbounded), draw.Lines(s.status()), s.Hints(step.Unbounded))...)
}

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Roles) InLines() []string {
	switch {
	case len(s.In.Roles) == 0:
		return step.Sentences(s.noRole(step.Unbounded))
	case len(s.In.Usable) == 0:
		return step.Sentences(s.noneUsable(step.Unbounded))
	}
	out := []string{step.Sentence(titleRoles)}
	for i, r := range s.In.Usable {
		out = append(out, fmt.Sprintf("%d. %s, %s. %s", i+1, r.JobName, r.OrgName, wordsCanDo(rbac.Unscheduled(r))))
	}
	if len(s.others) > 0 {
		out = append(out, wordCannotUse)
	}
	for _, r := range s.others {
		out = append(out, fmt.Sprintf("%s, %s. %s", r.JobName, r.OrgName, wordsLacks(missing(r))))
	}
	return out
}
