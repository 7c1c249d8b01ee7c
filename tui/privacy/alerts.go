package privacy

import (
	"fmt"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Alerts is the screen with the list of privacy alerts, the newest first.
type Alerts struct {
	*step.Common
	step.Unfocused
	rowList
	list   client.PrivacyAlerts
	notice string // what happened to the alert of the list before, or ""
}

// NewAlerts returns the screen of a list. notice is shown above it, unless it is "".
func NewAlerts(c *step.Common, list client.PrivacyAlerts, notice string) *Alerts {
	return &Alerts{Common: c, rowList: rowList{shown: 1}, list: list, notice: notice}
}

// Wipe clears the list.
func (s *Alerts) Wipe() {
	clear(s.list.Alerts)
	*s = Alerts{Common: s.Common}
}

// Query returns what the list was asked for.
func (s *Alerts) Query() client.AlertQuery { return s.list.Query }

// Replace replaces the alert that has the same ID.
func (s *Alerts) Replace(al client.PrivacyAlert) {
	for i := range s.list.Alerts {
		if s.list.Alerts[i].ID == al.ID {
			s.list.Alerts[i] = al
		}
	}
}

// Choices returns a command for each alert, which shows it in full.
func (s *Alerts) Choices() []act.Command {
	return s.choices(len(s.list.Alerts), func() step.Action { return ShowAlert{s.list.Alerts[s.chosen]} })
}

// Commands returns the main and the minor commands of the screen.
func (s *Alerts) Commands() (main, minor []act.Command) {
	n := len(s.list.Alerts)
	other := s.list.Query
	other.All = !other.All
	which := wordWithClosed
	if s.list.Query.All {
		which = wordOnlyOpen
	}

	moves, minor := s.moves(s.Common, n, func(by int) { s.page(by, n, n) })
	if n > 0 {
		main = append(main, step.ChosenBy(step.As(s.Keys.Enter, wordShowAlert), s.Choices()[s.chosen]))
	}
	main = append(main, moves...)
	return append(main, step.Command(step.As(s.Keys.Other, which), step.Effect(List{other})),
		step.Command(step.As(s.Keys.Esc, wordChangeDays), step.Effect(step.Back{})),
		step.Command(s.Keys.Again, step.Effect(List{s.list.Query}))), minor
}

// head returns what the list has, what it can't show, and the notice.
func (s *Alerts) head() (words string, notices []string) {
	notices = accessreport.AlertNotices(s.list)
	if s.notice != "" {
		notices = append([]string{s.notice}, notices...)
	}
	return accessreport.ListedAlerts(s.list, s.Location) + ", " + s.list.Organisation, notices
}

// View returns the body of the screen. Below the list is the chosen alert, as much of it as there is space for.
func (s *Alerts) View(l draw.Layout) draw.Pane {
	w, avail := l.Body.W-4, l.Body.H-2
	words, notices := s.head()
	head := draw.Paragraph(s.Styles.Strong, words, w)
	for _, notice := range notices {
		head = draw.Stack(head, draw.Paragraph(s.Styles.Warn, notice, w))
	}

	n := len(s.list.Alerts)
	if n == 0 {
		return s.Styles.Focus(accessreport.TitleAlerts, head, l.Body.W, 0).Fit(l.Body.W, l.Body.H)
	}
	full := entries(s.Styles, alertFacts(s.Common, s.list.Alerts[s.chosen]), w)
	h := max(minList, avail-len(head.Lines)-len(full.Lines)-1)
	list := s.table(w, h)
	if space := avail - len(head.Lines) - len(list.Lines) - 1; len(full.Lines) > space {
		full.Lines = append(full.Lines[:max(0, space-1):max(0, space-1)],
			s.Styles.Strong.Render(wordsMore(s.Keys.Enter.Help().Key)))
	}
	inner := draw.Stack(head, list, draw.Gap(1), full)
	return s.Styles.Focus(accessreport.TitleAlerts, inner, l.Body.W, 0).Fit(l.Body.W, l.Body.H)
}

// The widths of columns, in cells, and the width from which there is a column of causes.
const (
	stateColumn = 6
	causeColumn = 16
)

// table returns the titles of the columns, and as many rows around the chosen one as fit into h lines.
func (s *Alerts) table(w, h int) draw.Pane {
	rest := w - 2 - whenColumn - numberColumn - stateColumn - 3*draw.ColumnGap
	widths, titles := []int{whenColumn}, []string{wordWhen}
	caused := w >= wideTable
	if caused {
		rest -= causeColumn + draw.ColumnGap
	}
	widths, titles = append(widths, rest, numberColumn), append(titles, wordWho, step.WordNHSNo)
	if caused {
		widths, titles = append(widths, causeColumn), append(titles, wordCause)
	}
	widths, titles = append(widths, stateColumn), append(titles, wordState)

	out := draw.Lines("  " + s.Styles.Label.Render(draw.Columns(widths, titles...)))
	first, last := s.window(len(s.list.Alerts), s.chosen, h-1)
	for i := first; i < last; i++ {
		al := s.list.Alerts[i]
		cells := []string{nhs.Instant(al.At, s.Location), accessreport.Name(al.Person), al.Number.String()}
		if caused {
			cells = append(cells, accessreport.ShortCause(al))
		}
		out = draw.Stack(out, s.row(s.Styles, i, draw.Columns(widths, append(cells, stateWord(al))...)))
	}
	return out
}

// InLines returns the screen for linear mode: what the list has, and a page of alerts.
func (s *Alerts) InLines() []string {
	words, notices := s.head()
	out := append([]string{step.Sentence(words)}, notices...)
	last := min(s.listed+linesPage, len(s.list.Alerts))
	for i := s.listed; i < last; i++ {
		al := s.list.Alerts[i]
		out = append(out, fmt.Sprintf("%d. %s", i+1, step.Record(
			step.Fact{Label: wordWhen, Value: nhs.Instant(al.At, s.Location)},
			step.Fact{Label: wordWho, Value: accessreport.Name(al.Person)},
			step.Fact{Label: step.WordNHSNo, Value: al.Number.String()},
			step.Fact{Label: wordCause, Value: accessreport.ShortCause(al)},
			step.Fact{Label: wordState, Value: stateWord(al)})))
	}
	if last < len(s.list.Alerts) {
		out = append(out, wordPlainMore)
	}
	return out
}
