package privacy

import (
	"strconv"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/tui/act"
	"wardlight/tui/step"
)

// linesPage is the number of accesses that linear mode says at once.
const linesPage = 20

// Result is the screen of a report: the unusual accesses on top, and then all, the newest first.
type Result struct {
	*step.Common
	step.Unfocused
	report client.Report
	chosen int  // row: first the findings, then the accesses
	from   int  // first line shown
	shown  int  // number of lines that fit, for paging
	listed int  // in linear mode: first access of the page
	told   bool // in linear mode: the chosen row is told in full
}

// NewResult returns the screen of a report.
func NewResult(c *step.Common, r client.Report) *Result {
	return &Result{Common: c, report: r, shown: 1}
}

// Wipe clears the report.
func (s *Result) Wipe() {
	clear(s.report.Accesses)
	clear(s.report.Unusual)
	*s = Result{Common: s.Common}
}

// rows returns the number of findings and accesses.
func (s *Result) rows() int { return len(s.report.Unusual) + len(s.report.Accesses) }

// Choices returns a command for each row, which shows it in full.
func (s *Result) Choices() []act.Command {
	all := make([]act.Command, s.rows())
	for i := range all {
		all[i] = act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: func() step.Action {
			s.chosen, s.told = i, true
			return nil
		}}
	}
	return all
}

// Commands returns the main and the minor commands of the screen.
func (s *Result) Commands() (main, minor []act.Command) {
	n := s.rows()
	main = append(s.Updown(step.WordMove, n > 1, s.move),
		step.Command(step.As(s.Keys.Esc, wordChangeReport), step.Effect(step.Back{})))
	minor = append(s.Paging(n > 1, s.shown, s.page), s.ToEnds(n > 1, n, func(row int) { s.chosen = row })...)
	return main, minor
}

// move moves the selection by n rows.
func (s *Result) move(n int) { s.chosen = max(0, min(s.chosen+n, s.rows()-1)) }

// page moves the selection by n rows, and linear mode to the page after or before.
func (s *Result) page(n int) {
	s.move(n)
	s.told = false
	switch after := s.listed + linesPage; {
	case n < 0:
		s.listed = max(0, s.listed-linesPage)
	case after < len(s.report.Accesses):
		s.listed = after
	}
}

// facts returns all facts of a row.
func (s *Result) facts(row int) []step.Fact {
	if row < len(s.report.Unusual) {
		f := s.report.Unusual[row]
		facts := []step.Fact{{Label: wordUnusual, Value: accessreport.Clause(f.Kind)}, {
			Label: wordWho, Value: accessreport.Who(f.Person),
		}}
		if f.Kind == client.ManyPatients {
			facts = append(facts, step.Fact{Label: wordPatients, Value: strconv.Itoa(f.Count)})
		} else {
			facts = append(facts, step.Fact{Label: step.WordNHSNo, Value: f.Number.String()},
				step.Fact{Label: wordCount, Value: strconv.Itoa(f.Count)})
		}
		return append(facts, step.Fact{
			Label: wordWhen, Value: wordsSpan(nhs.Instant(f.First, s.Location), nhs.Instant(f.Last, s.Location)),
		})
	}

	x := s.report.Accesses[row-len(s.report.Unusual)]
	return append(s.brief(x), step.Fact{Label: wordRole, Value: x.URID}, step.Fact{
		Label: wordRequest,
		Value: x.RequestID + ", from " + orNotKnown(x.Source) + ", audit record " + strconv.FormatInt(x.Record, 10),
	})
}

// brief returns the facts of an access without those for an investigation.
func (s *Result) brief(x client.ReportedAccess) []step.Fact {
	return []step.Fact{
		{Label: wordWhen, Value: nhs.Instant(x.When, s.Location)},
		{Label: wordWho, Value: accessreport.Who(x.Person)},
		{Label: wordAction, Value: x.Action + ": " + accessreport.Outcome(x)},
		{Label: wordPatients, Value: orNotKnown(accessreport.Patients(x))},
	}
}

// orNotKnown returns s, or that it isn't known.
func orNotKnown(s string) string {
	if s == "" {
		return nhs.NotKnown
	}
	return s
}
