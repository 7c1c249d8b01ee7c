package alert

import (
	"fmt"
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/printout"
	"wardlight/tui/step"
)

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Opened) InLines() []string {
	out := []string{step.Sentence(wordsOpenedOf(s.Patient.Heading()))}
	if n := s.authorities(); n > 1 {
		out = append(out, step.Sentence(wordsRingAll(n)))
	}

	if len(s.Opened.Plans) == 0 {
		out = append(out, wordNoPlans)
	}

	for i, p := range s.Opened.Plans {
		out = append(out, step.Sentence(wordsPlainPlan(i, len(s.Opened.Plans), p.Kind.Words()+", "+p.Authority)))
		end := wordRunsNow
		if !p.End.IsZero() {
			end = p.End.String()
		}

		facts := []step.Fact{{Label: wordStart, Value: p.Start.String()}, {Label: wordEnd, Value: end}}
		if s.ended(p) {
			facts = []step.Fact{
				{Label: strings.ToUpper(wordEnded), Value: end},
				{Label: wordStart, Value: p.Start.String()},
			}
			out = append(out, WordPlanEnded)
		}

		out = append(out, step.Sentences(s.phones(p, step.Unbounded, false))...)
		out = append(out, step.Record(facts...))
	}

	out = append(out, step.Sentences(s.openingPane(step.Unbounded), s.flagOffer(step.Unbounded))...)
	switch {
	case s.Opened.HistoryNotOffered():
		return append(out, client.WordsHistoryNotOffered)
	case s.Opened.ListErr != nil:
		return append(append(out, wordNoAccessList),
			step.Sentences(step.FaultPane(s.Styles, s.Opened.ListErr, step.Unbounded))...)
	case len(s.Opened.Accesses) == 0:
		return append(out, wordNoAccesses)
	}

	out = append(out, step.Sentence(wordsAccesses(len(s.Opened.Accesses))))
	for i, a := range s.Opened.Accesses {
		out = append(out, fmt.Sprintf("%d. %s, %s, %s, %s", i+1, nhs.Instant(a.When, s.Location), a.Who, a.JobRole,
			step.Sentence(a.Organisation)))
	}

	return out
}

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Printers) InLines() []string {
	out := []string{wordWhichPrinter}
	for i, q := range s.queues {
		out = append(out,
			fmt.Sprintf("%d. %s", i+1, step.Sentence(strings.TrimSuffix(q.Name+", "+whatItDoes(q), ", "))))
	}
	return out
}

// InLines returns the state of the printing, and then the text of the page. Without a printer the page is left out,
// because the user chooses a printer first and would hear the page twice.
func (s *Preview) InLines() []string {
	out := append([]string{step.Sentence(wordPrinter + " " + s.where() + ", " +
		wordsPages(len(s.Pages())))}, step.Sentences(s.printStatus(step.Unbounded))...)
	if s.Printer == "" {
		return out
	}
	for _, statement := range printout.Statements(s.sheet) {
		out = append(out, step.Sentence(statement))
	}
	return out
}
