package shell

import (
	"strings"

	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// rule returns the line below the header. It names the steps, with the current one marked. From the patient's screen
// on, it ends with the alert state: the line never scrolls, so the state is always visible.
func (m *Model) rule(at draw.Place) string {
	line := func(n int) string { return m.Styles.Line.Render(strings.Repeat("─", max(0, n))) }
	if at == draw.Nowhere {
		return line(m.Cols)
	}
	state := ""
	if s, ok := step.ScreenOf[*patient.Screen](m.Screens); ok && at >= draw.AtPatient {
		state = " " + step.StateWords(m.Styles, s.State()) + " " + line(1)
	}
	avail := m.Cols - text.Width(state)
	steps := m.steps(at, true)
	if text.Width(steps) > avail {
		steps = m.steps(at, false)
	}
	return steps + line(avail-text.Width(steps)) + state
}

// steps returns the names of the steps or, if all is false, only of the current one. The others have the style of the
// line, in one piece on each side, because every change of style costs bytes.
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
	return m.Styles.Line.Render(before) + " " + m.Styles.Keycap.Render(draw.SignChosen) + " " +
		m.Styles.Strong.Render(wordsStep(at)) + m.Styles.Line.Render(after)
}

// panes returns the current pane with the panes of the steps before and after beside it, if there is space.
func (m *Model) panes(l draw.Layout, inHand draw.Pane) draw.Pane {
	if l.Before.W > 0 {
		inHand = draw.Beside(m.behind(l.Before), l.Before.W, draw.PaneGap, inHand)
	}
	if l.After.W > 0 {
		inHand = draw.Beside(inHand, l.Before.W+min(l.Before.W, draw.PaneGap)+l.Body.W, draw.PaneGap, m.ahead(l.After))
	}
	return inHand
}

// behind returns the panes of the previous steps, stacked; the last fills the remaining rows. A list of patients is
// summarised by its length only, because the pane can be below one patient's banner.
func (m *Model) behind(r draw.Rect) draw.Pane {
	at := m.place()
	var out draw.Pane
	for p := draw.AtFind; p < at; p++ {
		d, h := m.summaryOf(p, r.W-4), r.H-len(out.Lines)
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

// ahead returns the panes of the following steps, side by side.
func (m *Model) ahead(r draw.Rect) draw.Pane {
	patient := draw.Paragraph(m.Styles.Label, wordPatientAhead, r.W-4)
	if m.place() == draw.AtResults {
		return m.Styles.Panel(wordsStep(draw.AtPatient), patient, r.W, r.H)
	}
	left, right := draw.Halves(r.W, draw.PaneGap, 50)
	results := m.Styles.Panel(wordsStep(draw.AtResults), draw.Paragraph(m.Styles.Label, wordResultsAhead, left-4), left,
		r.H)
	patient = m.Styles.Panel(wordsStep(draw.AtPatient), draw.Paragraph(m.Styles.Label, wordPatientAhead, right-4),
		right, r.H)
	return draw.Beside(results, left, draw.PaneGap, patient)
}

// summaryOf returns the summary of a step, w cells wide.
func (m *Model) summaryOf(p draw.Place, w int) draw.Pane {
	for _, s := range m.Screens {
		if s, ok := s.(step.Summarised); ok && s.Place() == p {
			return s.Digest(w)
		}
	}
	return draw.Paragraph(m.Styles.Label, wordStepSkipped, w)
}
