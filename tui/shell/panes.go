package shell

import (
	"strings"

	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// rule returns the line below the top. In the sequence it names the steps with the one in hand marked, and once there
// is a patient it says at its end which of the four states holds: it never scrolls, so an alert is never off the
// screen.
func (m *Model) rule(at draw.Place) string {
	line := func(n int) string { return m.Styles.Line.Render(strings.Repeat("─", max(0, n))) }
	if at == draw.Nowhere {
		return line(m.Cols)
	}
	state := ""
	if s, ok := step.ScreenOf[*patient.Screen](m.Screens); ok && at >= draw.AtPatient {
		state = " " + step.StateWords(m.Styles, s.State()) + " " + line(1)
	}
	room := m.Cols - text.Width(state)
	steps := m.steps(at, true)
	if text.Width(steps) > room {
		steps = m.steps(at, false)
	}
	return steps + line(room-text.Width(steps)) + state
}

// steps returns the steps by name, or, where there is little room, only the one in hand. The others are in the style
// of the line, in one piece each side: every change of style costs bytes.
func (m *Model) steps(at draw.Place, all bool) string {
	before, after := "─", " ─"
	for p := draw.AtFind; p <= draw.AtAlert && all; p++ {
		switch {
		case p < at:
			before += " " + wordsStep(p) + " ─"
		case p > at:
			after += " " + wordsStep(p) + " ─"
		}
	}
	return m.Styles.Line.Render(before) + " " + m.Styles.Keycap.Render(draw.SignChosen) + " " + m.Styles.Strong.Render(wordsStep(at)) + m.Styles.Line.Render(after)
}

// panes puts the steps before and after beside the pane in hand, where there is room for them.
func (m *Model) panes(l draw.Layout, inHand draw.Pane) draw.Pane {
	if l.Before.W > 0 {
		inHand = draw.Beside(m.behind(l.Before), l.Before.W, draw.PaneGap, inHand)
	}
	if l.After.W > 0 {
		inHand = draw.Beside(inHand, l.Before.W+min(l.Before.W, draw.PaneGap)+l.Body.W, draw.PaneGap, m.ahead(l.After))
	}
	return inHand
}

// behind returns the steps that the user has taken, below each other; the last fills what is left. Of a list of
// patients only its length is told, as it may stand below one patient's banner.
func (m *Model) behind(r draw.Rect) draw.Pane {
	at := m.place()
	var out draw.Pane
	for p := draw.AtFind; p < at; p++ {
		d, h := m.digestOf(p, r.W-4), r.H-len(out.Lines)
		if p < at-1 {
			h = min(h, len(d.Lines)+2)
		}
		if h < 3 {
			break
		}
		out = draw.Stack(out, m.Styles.Panel(wordsStep(p), d, r.W, h))
	}
	return out
}

// ahead returns the steps to come, side by side.
func (m *Model) ahead(r draw.Rect) draw.Pane {
	patient := draw.Paragraph(m.Styles.Label, wordPatientAhead, r.W-4)
	if m.place() == draw.AtResults {
		return m.Styles.Panel(wordsStep(draw.AtPatient), patient, r.W, r.H)
	}
	left, right := draw.Halves(r.W, draw.PaneGap, 50)
	results := m.Styles.Panel(wordsStep(draw.AtResults), draw.Paragraph(m.Styles.Label, wordResultsAhead, left-4), left, r.H)
	patient = m.Styles.Panel(wordsStep(draw.AtPatient), draw.Paragraph(m.Styles.Label, wordPatientAhead, right-4), right, r.H)
	return draw.Beside(results, left, draw.PaneGap, patient)
}

// digestOf returns what became of a step, w cells wide.
func (m *Model) digestOf(p draw.Place, w int) draw.Pane {
	for _, s := range m.Screens {
		if s, ok := s.(step.Digested); ok && s.Place() == p {
			return s.Digest(w)
		}
	}
	return draw.Paragraph(m.Styles.Label, wordStepSkipped, w)
}
