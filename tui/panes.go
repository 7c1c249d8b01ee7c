package tui

import (
	"strings"

	"wardlight/client"
	"wardlight/internal/text"
)

// rule is the line below the top. In the sequence it names the steps with the one in hand marked, and once there is a
// patient it says at its end which of the four states holds: it never scrolls, so an alert is never off the screen.
func (m *model) rule(at place) string {
	line := func(n int) string { return m.th.line.Render(strings.Repeat("─", max(0, n))) }
	if at == nowhere {
		return line(m.cols)
	}
	state := ""
	if s, ok := screenOf[*patientScreen](m.screens); ok && at >= atPatient {
		state = " " + m.th.state(s.state()) + " " + line(1)
	}
	room := m.cols - text.Width(state)
	steps := m.steps(at, true)
	if text.Width(steps) > room {
		steps = m.steps(at, false)
	}
	return steps + line(room-text.Width(steps)) + state
}

// steps are the steps by name, or, where there is little room, only the one in hand. The others are in the style of the line,
// in one piece each side: every change of style costs bytes.
func (m *model) steps(at place, all bool) string {
	before, after := "─", " ─"
	for p := atFind; p <= atAlert && all; p++ {
		switch {
		case p < at:
			before += " " + wordsStep(p) + " ─"
		case p > at:
			after += " " + wordsStep(p) + " ─"
		}
	}
	return m.th.line.Render(before) + " " + m.th.keycap.Render(signChosen) + " " + m.th.strong.Render(wordsStep(at)) + m.th.line.Render(after)
}

// state is one of the four states in its word, sign and style, the same wherever it stands.
func (t theme) state(s client.State) string {
	switch s {
	case client.Alert:
		return t.alert.Render(" " + signAlert + " " + s.String() + " ")
	case client.NoneRecorded:
		return t.strong.Render(signNoneRecorded + " " + s.String())
	case client.CouldNotCheck:
		return t.warn.Render(signFailed + " " + s.String())
	default:
		return t.strong.Render(signNotChecked + " " + client.NotChecked.String())
	}
}

// panes puts the steps before and after beside the pane in hand, where there is room for them.
func (m *model) panes(l layout, inHand pane) pane {
	if l.before.w > 0 {
		inHand = beside(m.behind(l.before), l.before.w, paneGap, inHand)
	}
	if l.after.w > 0 {
		inHand = beside(inHand, l.before.w+min(l.before.w, paneGap)+l.body.w, paneGap, m.ahead(l.after))
	}
	return inHand
}

// behind are the steps that the user has taken, below each other; the last fills what is left. Of a list of patients only
// its length is told, as it may stand below one patient's banner.
func (m *model) behind(r rect) pane {
	at := m.place()
	var out pane
	for p := atFind; p < at; p++ {
		d, h := m.digestOf(p, r.w-4), r.h-len(out.lines)
		if p < at-1 {
			h = min(h, len(d.lines)+2)
		}
		if h < 3 {
			break
		}
		out = stack(out, m.th.panel(wordsStep(p), d, r.w, h))
	}
	return out
}

// ahead are the steps to come, side by side.
func (m *model) ahead(r rect) pane {
	patient := paragraph(m.th.label, wordPatientAhead, r.w-4)
	if m.place() == atResults {
		return m.th.panel(wordsStep(atPatient), patient, r.w, r.h)
	}
	left, right := halves(r.w, paneGap, 50)
	results := m.th.panel(wordsStep(atResults), paragraph(m.th.label, wordResultsAhead, left-4), left, r.h)
	patient = m.th.panel(wordsStep(atPatient), paragraph(m.th.label, wordPatientAhead, right-4), right, r.h)
	return beside(results, left, paneGap, patient)
}

// digestOf is what became of a step, w cells wide.
func (m *model) digestOf(p place, w int) pane {
	for _, s := range m.screens {
		if s, ok := s.(digested); ok && s.place() == p {
			return s.digest(w)
		}
	}
	return paragraph(m.th.label, wordStepSkipped, w)
}
