package tui

import (
	"fmt"
	"strings"

	"wardlight/internal/nhs"
	"wardlight/internal/paper"
)

func (s *openedScreen) InLines() []string {
	out := append(s.patient.Who(), said(s.recorded(unbounded), s.flagOffer(unbounded))...)
	if len(s.opened.Plans) == 0 {
		out = append(out, wordNoPlans)
	}
	for i, p := range s.opened.Plans {
		out = append(out, sentence(wordsPlainPlan(i, len(s.opened.Plans), p.Kind.Words())))
		end := wordRunsNow
		if !p.End.IsZero() {
			end = p.End.String()
		}
		facts := []fact{{wordStart, p.Start.String()}, {wordEnd, end}}
		if s.ended(p) {
			facts = []fact{{strings.ToUpper(wordEnded), end}, {wordStart, p.Start.String()}}
			out = append(out, wordPlanEnded)
		}
		out = append(out, said(s.ring(p, unbounded, false))...)
		out = append(out, record(facts...), record(fact{wordAuthority, p.Authority}))
	}
	switch {
	case s.opened.ListErr != nil:
		return append(append(out, wordNoAccessList), said(faultPane(s.th, s.opened.ListErr, unbounded))...)
	case len(s.opened.Accesses) == 0:
		return append(out, wordNoAccesses)
	}
	out = append(out, sentence(wordsAccesses(len(s.opened.Accesses))))
	for i, a := range s.opened.Accesses {
		out = append(out, fmt.Sprintf("%d. %s, %s, %s, %s", i+1, nhs.Instant(a.When, s.loc), a.Who, a.JobRole, sentence(a.Organisation)))
	}
	return out
}

func (s *printersScreen) InLines() []string {
	out := []string{wordWhichPrinter}
	for i, q := range s.queues {
		out = append(out, fmt.Sprintf("%d. %s", i+1, sentence(strings.TrimSuffix(q.Name+", "+whatItDoes(q), ", "))))
	}
	return out
}

// inLines says what becomes of the paper, and then what stands on it. Before there is a printer it does not: choosing one comes first,
// and the paper would be heard twice.
func (s *previewScreen) InLines() []string {
	sheet := s.sheet
	sheet.Printed = s.now()
	out := append([]string{sentence(wordPrinter + " " + s.where() + ", " + wordsPages(len(paper.Lay(sheet))))}, said(s.news(unbounded))...)
	if s.printer == "" {
		return out
	}
	for _, statement := range paper.Statements(sheet) {
		out = append(out, sentence(statement))
	}
	return out
}
