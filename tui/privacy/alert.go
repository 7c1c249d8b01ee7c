package privacy

import (
	"cmp"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Alert is the screen of a privacy alert in full.
type Alert struct {
	*step.Common
	step.Unfocused
	step.Scroller
	alert client.PrivacyAlert
}

// NewAlert returns the screen of an alert.
func NewAlert(c *step.Common, al client.PrivacyAlert) *Alert { return &Alert{Common: c, alert: al} }

// Wipe clears the alert.
func (s *Alert) Wipe() { *s = Alert{Common: s.Common} }

// Replace replaces the alert by one with the same ID.
func (s *Alert) Replace(al client.PrivacyAlert) { s.alert, s.Scroller = al, step.Scroller{} }

// Commands returns the main and the minor commands of the screen.
func (s *Alert) Commands() (main, minor []act.Command) {
	closes := step.Command(step.When(step.As(s.Keys.Remove, wordClose), s.alert.Closed == nil),
		step.Effect(AskNote{s.alert}))
	main = append([]act.Command{closes}, s.Updown(step.WordScroll, true, s.Scroll)...)
	main = append(main, step.Command(s.Keys.Esc, step.Effect(step.Back{})))
	return main, append(s.Paging(true, s.Shown, s.Scroll), s.ToEnds(true, step.Unbounded, func(row int) {
		s.From = row
	})...)
}

// View returns the body of the screen.
func (s *Alert) View(l draw.Layout) draw.Pane {
	w, h := l.Body.W-4, l.Body.H-2
	all := entries(s.Styles, alertFacts(s.Common, s.alert), w)
	first, last := s.Window(len(all.Lines), h)
	if len(all.Lines) > h {
		first, last = s.Window(len(all.Lines), h-1)
	}

	inner := draw.Pane{Lines: all.Lines[first:last], Cursor: &tea.Position{}}
	if len(all.Lines) > h {
		inner = draw.Stack(inner, draw.Paragraph(s.Styles.Strong,
			step.WordsLines(first+1, last, len(all.Lines), s.Keys.PageDown.Help().Key), w))
	}
	return s.Styles.Focus(titleAlert, inner, l.Body.W, 0).Fit(l.Body.W, l.Body.H)
}

// InLines returns the screen for linear mode.
func (s *Alert) InLines() []string {
	out := []string{step.Sentence(titleAlert)}
	for _, f := range alertFacts(s.Common, s.alert) {
		out = append(out, step.Record(f))
	}
	return out
}

// alertFacts returns all facts of an alert. First are those that a row of the list lacks, and last those for an
// investigation. Whether the national service has it is among them only if the hub sends alerts there.
func alertFacts(c *step.Common, al client.PrivacyAlert) []step.Fact {
	facts := []step.Fact{
		{Label: wordCause, Value: accessreport.Cause(al)},
		{Label: wordReason, Value: cmp.Or(al.Words, wordNoReason)},
		{Label: wordWho, Value: accessreport.Who(al.Person)},
		{Label: step.WordNHSNo, Value: al.Number.String()},
		{Label: wordWhen, Value: nhs.Instant(al.At, c.Location)},
		{Label: wordState, Value: cmp.Or(accessreport.ClosedBy(al, c.Location), wordOpen)},
	}
	if al.Closed != nil {
		facts = append(facts, step.Fact{Label: wordNote, Value: al.Closed.Note})
	}
	if al.National.State != client.AlertNotSent {
		facts = append(facts, step.Fact{Label: wordNational, Value: accessreport.Sending(al.National, c.Location)})
	}
	return append(facts,
		step.Fact{Label: wordRole, Value: orNotKnown(al.Role) + " (" + al.URID + ")"},
		step.Fact{Label: wordRequest, Value: al.RequestID + ", session " + orNotKnown(al.Session)},
		step.Fact{Label: wordAlertID, Value: al.ID})
}

// stateWord returns whether an alert is open.
func stateWord(al client.PrivacyAlert) string {
	if al.Closed != nil {
		return wordClosed
	}
	return wordOpen
}
