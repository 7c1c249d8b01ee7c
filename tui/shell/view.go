package shell

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// View returns the screen. It depends only on the model and the clock, which is shown to the minute at most, so that
// nothing is sent to the terminal while nothing happens.
func (m *Model) View() tea.View {
	drawn := m.Draw()
	content := strings.Join(drawn.Lines, "\n")
	if m.Cfg.ASCII {
		content = draw.ToASCII(content)
	}
	v := tea.NewView(content)
	v.AltScreen = true
	if drawn.Cursor != nil {
		v.Cursor = tea.NewCursor(drawn.Cursor.X, drawn.Cursor.Y)
	}
	return v
}

// Draw returns the whole screen: header, body, session line and keys.
func (m *Model) Draw() draw.Pane {
	if m.Leaving || m.Cols <= 0 || m.Rows <= 0 {
		return draw.Pane{}
	}
	at := m.place()
	top := draw.Stack(m.Header(), draw.Lines(m.rule(at)))
	if _, whole := m.Top().(step.Undivided); whole {
		at = draw.Nowhere
	}
	l := draw.LayOut(m.Cols, m.Rows, len(top.Lines), at)
	if l.Small {
		words := wordsTooSmall(draw.MinCols, draw.MinRows)
		if m.Dialog == QuitDialog { // the only question that can be asked in such a window
			words = m.Question() + " " + wordsLeaveBy(m.Keys.Interrupt.Help().Key)
		}
		return draw.Paragraph(m.Styles.Plain, words, max(1, l.Cols)).Fit(l.Cols, l.Rows)
	}
	body := m.panes(l, m.Body(l).Fit(l.Body.W, l.Body.H)).Indent(1)
	return draw.Stack(top.Fit(l.Cols, l.Top.H), body.Fit(l.Cols, l.Body.H), m.foot(l))
}

// small reports whether the window is too small, so that only a message about that is shown. Linear mode has no size.
func (m *Model) small() bool {
	return m.Cols > 0 && m.Rows > 0 && draw.LayOut(m.Cols, m.Rows, 0, draw.Nowhere).Small
}

// place returns the step that the current screen belongs to.
func (m *Model) place() draw.Place {
	if s, ok := m.Top().(step.Placed); ok && !m.FullDialog() {
		return s.Place()
	}
	return draw.Nowhere
}

// FullDialog reports whether the dialog replaces the screen, so that nothing of a patient is shown.
func (m *Model) FullDialog() bool { return m.Dialog == HelpDialog || m.Dialog == DiagnosticsDialog }

// Body returns what is drawn between the rule and the session line.
func (m *Model) Body(l draw.Layout) draw.Pane {
	switch m.Dialog {
	case HelpDialog:
		return m.help(l)
	case DiagnosticsDialog:
		return m.Report.Pane(l)
	case QuitDialog, IdleDialog:
		p := m.Top().View(l)
		p.Cursor = nil
		return p
	default:
		return m.Top().View(l)
	}
}

// Header returns the top of the screen: the patient's banner if the screen is about one patient, and otherwise the
// program and the site.
func (m *Model) Header() draw.Pane {
	if b, ok := m.Top().(step.Bannered); ok && !m.FullDialog() {
		if banner := b.Banner(m.Cols); len(banner.Lines) > 0 {
			return banner
		}
	}
	left := " " + m.Styles.Brand.Render(WordProduct)
	avail := m.Cols - text.Width(left) - 3
	site := text.Truncate(m.Cfg.Site, avail)
	blank := strings.Repeat(" ", max(1, m.Cols-text.Width(left)-text.Width(site)-1))
	return draw.Lines(left + blank + m.Styles.Label.Render(site))
}

// foot returns the session line and the keys. A question, or the reason why the last key press did nothing, replaces
// the session line.
func (m *Model) foot(l draw.Layout) draw.Pane {
	if q := cmp.Or(m.Question(), m.notice); q != "" {
		band := m.Styles.Band.Render(text.Pad(text.Truncate(" "+q, l.Cols), l.Cols))
		return draw.Lines(band, " "+step.Foot(m.Styles, m.Commands(), l.Cols-2)).Fit(l.Cols, draw.FootRows)
	}
	return draw.Lines(m.sessionLine(l.Cols), " "+step.Foot(m.Styles, m.Commands(), l.Cols-2)).Fit(l.Cols, draw.FootRows)
}

// sessionLine returns a line with the user, role and organisation, and a note if the patient was handed over by
// another program.
func (m *Model) sessionLine(w int) string {
	words := ""
	switch {
	case m.Role != nil:
		words = m.In.Person.Name + " · " + m.Role.JobName + " · " + m.Role.OrgName
	case m.In != nil:
		words = m.In.Person.Name
	}
	if m.handed != nil && m.handed == m.Top() {
		words = WordHandedOver + " · " + words
	}
	line := m.Styles.Line.Render("─")
	if words != "" {
		words = text.Truncate(words, w-6)
		line = m.Styles.Line.Render("──") + m.Styles.Label.Render(" "+words+" ") // with the blanks: one style run
	}
	return line + m.Styles.Line.Render(strings.Repeat("─", max(0, w-text.Width(line))))
}
