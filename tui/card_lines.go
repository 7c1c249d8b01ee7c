package tui

import (
	"fmt"

	"wardlight/rbac"
	"wardlight/tui/draw"
)

func (s *waitingScreen) InLines() []string {
	note := said(draw.Lines(s.note))
	err := s.readers.problem()
	if err == nil {
		return append(note, said(draw.Lines(wordLooking), s.hints(unbounded))...)
	}
	return append(note, said(faultPane(s.th, err, unbounded), s.hints(unbounded))...)
}

func (s *passcodeScreen) InLines() []string {
	all := []draw.Pane{draw.Lines(s.note, s.held), s.facts(unbounded)}
	if s.blocked {
		return said(append(all, faultPane(s.th, s.err, unbounded))...)
	}
	if !s.outside {
		all = append(all, draw.Lines(wordPlainPasscode))
	}
	return said(append(all, s.said(unbounded), draw.Lines(s.goingOn()), s.hints(unbounded))...)
}

func (s *roleScreen) InLines() []string {
	switch {
	case len(s.in.Roles) == 0:
		return said(s.noRole(unbounded))
	case len(s.in.Usable) == 0:
		return said(s.noneUsable(unbounded))
	}
	out := []string{sentence(titleRoles)}
	for i, r := range s.in.Usable {
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
