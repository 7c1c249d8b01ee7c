package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/text"
)

// View draws the screen. It is a function of the model and the clock, which it reads to the minute at the finest, so
// that nothing is sent to the terminal while nothing happens.
func (m *model) View() tea.View {
	drawn := m.draw()
	content := strings.Join(drawn.lines, "\n")
	if m.cfg.ASCII {
		content = toASCII(content)
	}
	v := tea.NewView(content)
	v.AltScreen = true
	if drawn.cursor != nil {
		v.Cursor = tea.NewCursor(drawn.cursor.X, drawn.cursor.Y)
	}
	return v
}

// draw is the whole screen: top, body, session line and keys.
func (m *model) draw() pane {
	if m.leaving || m.cols <= 0 || m.rows <= 0 {
		return pane{}
	}
	at := m.place()
	top := stack(m.header(), lines(m.rule(at)))
	if _, whole := m.top().(undivided); whole {
		at = nowhere
	}
	l := layoutOf(m.cols, m.rows, len(top.lines), at)
	if l.small {
		return paragraph(m.th.plain, wordsTooSmall(leastCols, leastRows), max(1, l.cols)).fit(l.cols, l.rows)
	}
	body := m.panes(l, m.body(l).fit(l.body.w, l.body.h)).indent(1)
	return stack(top.fit(l.cols, l.top.h), body.fit(l.cols, l.body.h), m.foot(l))
}

// small reports whether the window shows nothing but that it is too small. The linear mode has no size.
func (m *model) small() bool {
	return m.cols > 0 && m.rows > 0 && layoutOf(m.cols, m.rows, 0, nowhere).small
}

// place is where the screen that is shown stands in the sequence.
func (m *model) place() place {
	if s, ok := m.top().(placed); ok && !m.fullDialog() {
		return s.place()
	}
	return nowhere
}

// fullDialog reports whether the dialog takes the place of the screen. Nothing of a patient shows below it.
func (m *model) fullDialog() bool { return m.dialog == helpDialog || m.dialog == diagnosticsDialog }

func (m *model) body(l layout) pane {
	switch m.dialog {
	case helpDialog:
		return m.help(l)
	case diagnosticsDialog:
		return m.diagnostics(l)
	case quitDialog, idleDialog:
		p := m.top().view(l)
		p.cursor = nil
		return p
	default:
		return m.top().view(l)
	}
}

// header is the top of every screen: the patient's banner where it is about one patient, else the program and the site.
func (m *model) header() pane {
	if b, ok := m.top().(bannered); ok && !m.fullDialog() {
		return b.banner(m.cols)
	}
	left := " " + m.th.brand.Render(wordProduct)
	room := m.cols - text.Width(left) - 3
	site := text.Truncate(m.cfg.Site, room)
	blank := strings.Repeat(" ", max(1, m.cols-text.Width(left)-text.Width(site)-1))
	return lines(left + blank + m.th.label.Render(site))
}

// foot is the session line and the keys, or a question and its answers.
func (m *model) foot(l layout) pane {
	if q := m.question(); q != "" {
		band := m.th.band.Render(text.Pad(text.Truncate(" "+q, l.cols), l.cols))
		return lines(band, " "+foot(m.th, m.commands(), l.cols-2)).fit(l.cols, footRows)
	}
	return lines(m.sessionLine(l.cols), " "+foot(m.th, m.commands(), l.cols-2)).fit(l.cols, footRows)
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
	line := m.th.line.Render("─")
	if words != "" {
		words = text.Truncate(words, w-6)
		line = m.th.line.Render("──") + " " + m.th.label.Render(words) + " "
	}
	return line + m.th.line.Render(strings.Repeat("─", max(0, w-text.Width(line))))
}
