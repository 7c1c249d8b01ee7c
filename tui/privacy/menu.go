// Package privacy has the screens of a privacy officer's reports: which report, about whom and when, and its accesses.
package privacy

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// The actions of the screens.
type (
	Choose struct{ Kind client.ReportKind }
	Make   struct{ Query client.ReportQuery }
)

// Menu is the screen on which the user chooses a kind of report.
type Menu struct {
	*step.Common
	step.Unfocused
	chosen int
}

// NewMenu returns the screen with the kinds of reports.
func NewMenu(c *step.Common) *Menu { return &Menu{Common: c} }

// Wipe does nothing: the screen has no data.
func (s *Menu) Wipe() {}

// Choices returns a command for each kind of report.
func (s *Menu) Choices() []act.Command {
	var all []act.Command
	for i, kind := range accessreport.Kinds() {
		all = append(all, act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: func() step.Action {
			s.chosen = i
			return Choose{kind}
		}})
	}
	return all
}

// Commands returns the main and the minor commands of the screen.
func (s *Menu) Commands() (main, minor []act.Command) {
	all := s.Choices()
	for i, c := range all {
		digits := step.Bind("1-"+strconv.Itoa(len(all)), wordTakeKind, s.Keys.Number.Keys()[i])
		main = append(main, step.ChosenBy(digits, c))
	}
	main = append(main, step.ChosenBy(step.As(s.Keys.Enter, wordTakeKind), all[s.chosen]))
	main = append(main, s.Updown(step.WordMove, true, func(n int) {
		s.chosen = max(0, min(s.chosen+n, len(all)-1))
	})...)
	return append(main, step.Command(s.Keys.Esc, step.Effect(step.Back{}))), nil
}

// View returns the body of the screen.
func (s *Menu) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	rows := draw.Stack(draw.Paragraph(s.Styles.Plain, wordReportsMean, w-6), draw.Gap(1))
	for i, kind := range accessreport.Kinds() {
		name, shows := accessreport.Title(kind)
		mark, st := "  ", s.Styles.Plain
		if i == s.chosen {
			mark, st = draw.SignChosen+" ", s.Styles.Chosen
		}
		row := draw.Lines(mark + s.Styles.Keycap.Render(strconv.Itoa(i+1)) + " " + st.Render(text.Pad(name, 18)) + " " +
			s.Styles.Label.Render(shows))
		if i == s.chosen {
			row.Cursor = &tea.Position{}
		}
		rows = draw.Stack(rows, row)
	}
	return s.Styles.Focus(titleReports, step.Padded(rows), w, 0).Centred(l.Body.W, l.Body.H)
}

// InLines returns the screen for linear mode.
func (s *Menu) InLines() []string {
	out := []string{step.Sentence(titleReports), wordReportsMean}
	for i, kind := range accessreport.Kinds() {
		name, shows := accessreport.Title(kind)
		out = append(out, step.Sentence(strconv.Itoa(i+1)+". "+name+": "+shows))
	}
	return out
}
