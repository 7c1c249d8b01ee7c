package report

import (
	"slices"

	"wardlight/internal/doctor"
	"wardlight/tui/step"
)

// InLines returns the results of the checks, with advice for those that did not pass.
func (r *Report) InLines() []string {
	out := []string{step.Sentence(wordsReport(r.Version))}
	for _, l := range r.Lines() {
		out = append(out, step.Sentence(wordsPlainCheck(l.Check.String(), l.State.String(), l.Sentence, l.Code)))
		if l.State != doctor.Pass && l.Advice != "" {
			out = append(out, step.Sentence(l.Advice))
		}
	}
	return slices.Compact(append(out, step.Sentences(r.lastFailure(step.Unbounded))...))
}
