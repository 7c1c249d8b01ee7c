package privacy

import (
	"fmt"

	"wardlight/internal/accessreport"
	"wardlight/tui/step"
)

// InLines returns the report for linear mode: the findings, and a page of accesses.
func (s *Result) InLines() []string {
	out := []string{
		step.Sentence(wordsSubject(s.report.Query)), step.Sentence(s.made()),
		accessreport.Attendance(s.report.Attendance, s.Location),
	}
	out = append(out, accessreport.Notices(s.report, s.Location)...)

	found, all := len(s.report.Unusual), s.report.Accesses
	out = append(out, step.Sentence(wordsUnusual(found)))
	for i := range found {
		out = append(out, fmt.Sprintf("%d. %s", i+1, step.Record(s.facts(i)...)))
	}

	if len(all) == 0 {
		return append(out, wordNothing)
	}
	out = append(out, step.Sentence(wordsAccesses(len(all))))
	last := min(s.listed+linesPage, len(all))
	for i := s.listed; i < last; i++ {
		out = append(out, fmt.Sprintf("%d. %s", found+i+1, step.Record(s.brief(all[i])...)))
	}

	if s.told {
		out = append(out, wordsPlainRow(s.chosen+1)+" "+step.Record(s.facts(s.chosen)...))
	}
	if last < len(all) {
		out = append(out, wordPlainMore)
	}
	return out
}
