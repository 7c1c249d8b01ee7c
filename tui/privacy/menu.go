// Package privacy has the screens of a privacy officer's reports: which report, about whom and when, and its accesses.
package privacy

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/text"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// KindAlerts is the kind of the form for privacy alerts, which are no report.
const KindAlerts client.ReportKind = "privacy-alerts"

// The actions of the screens.
type (
	Choose struct{ Kind client.ReportKind }
	Make   struct{ Query client.ReportQuery }
	// List lists privacy alerts. ShowAlert shows one, AskNote asks for the note to close it, and CloseAlert closes it.
	List       struct{ Query client.AlertQuery }
	ShowAlert  struct{ Alert client.PrivacyAlert }
	AskNote    struct{ Alert client.PrivacyAlert }
	CloseAlert struct{ ID, Note string }
)

// Menu is the screen on which the user chooses a kind of report, or the privacy alerts.
type Menu struct {
	*step.Common
	step.Unfocused
	role   rbac.RoleProfile
	chosen int
}

// NewMenu returns the screen for a role.
func NewMenu(c *step.Common, role rbac.RoleProfile) *Menu { return &Menu{Common: c, role: role} }

// Wipe does nothing: the screen has no data.
func (s *Menu) Wipe() {}

// kinds returns the entries of the menu.
func (*Menu) kinds() []client.ReportKind { return append(accessreport.Kinds(), KindAlerts) }

// decide returns whether the role may use an entry.
func (s *Menu) decide(kind client.ReportKind) rbac.Decision {
	if kind == KindAlerts {
		return rbac.Decide(s.role, rbac.ReadPrivacyAlerts)
	}
	return rbac.Decide(s.role, rbac.MakePrivacyReport)
}

// Choices returns a command for each entry.
func (s *Menu) Choices() []act.Command {
	var all []act.Command
	for i, kind := range s.kinds() {
		d := s.decide(kind)
		all = append(all, act.Command{
			Word: strconv.Itoa(i + 1), Ready: d.Allowed, Why: d.Reason(),
			Do: func() step.Action {
				s.chosen = i
				return Choose{kind}
			},
		})
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

// titleWidth is the width of the column of names, in cells, with the mark and the number before it.
const titleWidth = 22

// View returns the body of the screen.
func (s *Menu) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	rows := draw.Stack(draw.Paragraph(s.Styles.Plain, wordReportsMean, w-6), draw.Gap(1))
	for i, kind := range s.kinds() {
		name, shows := s.words(kind)
		mark, st := "  ", s.Styles.Plain
		if i == s.chosen {
			mark, st = draw.SignChosen+" ", s.Styles.Chosen
		}
		row := draw.Lines(mark + s.Styles.Keycap.Render(strconv.Itoa(i+1)) + " " + st.Render(text.Pad(name, 18)))
		if i == s.chosen {
			row.Cursor = &tea.Position{}
		}
		rows = draw.Stack(rows, draw.Beside(row, titleWidth, 1, draw.Paragraph(s.Styles.Label, shows, w-6-titleWidth)))
	}
	return s.Styles.Focus(titleReports, step.Padded(rows), w, 0).Centred(l.Body.W, l.Body.H)
}

// words returns the name of an entry, and what it shows, with what the role lacks for it.
func (s *Menu) words(kind client.ReportKind) (name, shows string) {
	name, shows = title(kind)
	return name, shows + step.WordsLacks(s.decide(kind))
}

// InLines returns the screen for linear mode.
func (s *Menu) InLines() []string {
	out := []string{step.Sentence(titleReports), wordReportsMean}
	for i, kind := range s.kinds() {
		name, shows := s.words(kind)
		out = append(out, step.Sentence(strconv.Itoa(i+1)+". "+name+": "+shows))
	}
	return out
}
