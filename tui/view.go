package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// View draws the screen. It is a function of the model and the clock, which it reads to the minute at the finest, so
// that nothing is sent to the terminal while nothing happens.
func (m *model) View() tea.View {
	drawn := m.draw()
	content := strings.Join(drawn.Lines, "\n")
	if m.cfg.ASCII {
		content = draw.ToASCII(content)
	}
	v := tea.NewView(content)
	v.AltScreen = true
	if drawn.Cursor != nil {
		v.Cursor = tea.NewCursor(drawn.Cursor.X, drawn.Cursor.Y)
	}
	return v
}

// draw is the whole screen: top, body, session line and keys.
func (m *model) draw() draw.Pane {
	if m.leaving || m.cols <= 0 || m.rows <= 0 {
		return draw.Pane{}
	}
	at := m.place()
	top := draw.Stack(m.header(), draw.Lines(m.rule(at)))
	if _, whole := m.top().(undivided); whole {
		at = draw.Nowhere
	}
	l := draw.LayOut(m.cols, m.rows, len(top.Lines), at)
	if l.Small {
		return draw.Paragraph(m.Styles.Plain, wordsTooSmall(draw.LeastCols, draw.LeastRows), max(1, l.Cols)).Fit(l.Cols, l.Rows)
	}
	body := m.panes(l, m.body(l).Fit(l.Body.W, l.Body.H)).Indent(1)
	return draw.Stack(top.Fit(l.Cols, l.Top.H), body.Fit(l.Cols, l.Body.H), m.foot(l))
}

// small reports whether the window shows nothing but that it is too small. The linear mode has no size.
func (m *model) small() bool {
	return m.cols > 0 && m.rows > 0 && draw.LayOut(m.cols, m.rows, 0, draw.Nowhere).Small
}

// place is where the screen that is shown stands in the sequence.
func (m *model) place() draw.Place {
	if s, ok := m.top().(placed); ok && !m.fullDialog() {
		return s.Place()
	}
	return draw.Nowhere
}

// fullDialog reports whether the dialog takes the place of the screen. Nothing of a patient shows below it.
func (m *model) fullDialog() bool { return m.dialog == helpDialog || m.dialog == diagnosticsDialog }

func (m *model) body(l draw.Layout) draw.Pane {
	switch m.dialog {
	case helpDialog:
		return m.help(l)
	case diagnosticsDialog:
		return m.diagnostics(l)
	case quitDialog, idleDialog:
		p := m.top().View(l)
		p.Cursor = nil
		return p
	default:
		return m.top().View(l)
	}
}

// header is the top of every screen: the patient's banner where it is about one patient, else the program and the site.
func (m *model) header() draw.Pane {
	if b, ok := m.top().(bannered); ok && !m.fullDialog() {
		return b.Banner(m.cols)
	}
	left := " " + m.Styles.Brand.Render(wordProduct)
	room := m.cols - text.Width(left) - 3
	site := text.Truncate(m.cfg.Site, room)
	blank := strings.Repeat(" ", max(1, m.cols-text.Width(left)-text.Width(site)-1))
	return draw.Lines(left + blank + m.Styles.Label.Render(site))
}

// foot is the session line and the keys, or a question and its answers.
func (m *model) foot(l draw.Layout) draw.Pane {
	if q := m.question(); q != "" {
		band := m.Styles.Band.Render(text.Pad(text.Truncate(" "+q, l.Cols), l.Cols))
		return draw.Lines(band, " "+step.Foot(m.Styles, m.commands(), l.Cols-2)).Fit(l.Cols, draw.FootRows)
	}
	return draw.Lines(m.sessionLine(l.Cols), " "+step.Foot(m.Styles, m.commands(), l.Cols-2)).Fit(l.Cols, draw.FootRows)
}

// sessionLine is a rule that says who is signed in and as what.
func (m *model) sessionLine(w int) string {
	words := ""
	switch {
	case m.role != nil:
		words = m.in.Person.Name + " · " + m.role.JobName + " · " + m.role.OrgName
	case m.in != nil:
		words = m.in.Person.Name
	}
	line := m.Styles.Line.Render("─")
	if words != "" {
		words = text.Truncate(words, w-6)
		line = m.Styles.Line.Render("──") + " " + m.Styles.Label.Render(words) + " "
	}
	return line + m.Styles.Line.Render(strings.Repeat("─", max(0, w-text.Width(line))))
}
