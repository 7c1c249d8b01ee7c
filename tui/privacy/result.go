package privacy

import (
	"strconv"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/tui/act"
	"wardlight/tui/step"
)

// Result is the screen of a report: the unusual accesses on top, and then all, the newest first.
type Result struct {
	*step.Common
	step.Unfocused
	rowList // first the findings, then the accesses; a page of linear mode has accesses
	report  client.Report
	told    bool // in linear mode: the chosen row is told in full
}

// NewResult returns the screen of a report.
func NewResult(c *step.Common, r client.Report) *Result {
	return &Result{Common: c, report: r, rowList: rowList{shown: 1}}
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
	return s.choices(s.rows(), func() step.Action { s.told = true; return nil })
}

// Commands returns the main and the minor commands of the screen.
func (s *Result) Commands() (main, minor []act.Command) {
	main, minor = s.moves(s.Common, s.rows(), func(by int) {
		s.page(by, s.rows(), len(s.report.Accesses))
		s.told = false
	})
	return append(main, step.Command(step.As(s.Keys.Esc, wordChangeReport), step.Effect(step.Back{}))), minor
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
