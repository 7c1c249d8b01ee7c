package shell

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/doctor"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// The columns of the diagnostics, in cells; the sentence takes the rest.
const (
	checkColumn = 17
	stateColumn = 11
	codeColumn  = 3
	leastLines  = 3 // of the list, however little room there is
)

// diagnostics is the doctor's list, live, and below it one line in full: what to do, and the code as it is read out on the
// telephone.
func (m *Model) diagnostics(l draw.Layout) draw.Pane {
	lines, w, room := m.Examined(), l.Body.W-4, l.Body.H-2
	chosen := m.told(lines)
	full := m.lineInFull(lines[chosen], w)
	if m.Readers.LastErr != nil {
		if last := m.LastError(w); len(lines)+1+len(full.Lines)+1+len(last.Lines) <= room {
			full = draw.Stack(full, draw.Gap(1), last)
		}
	}
	rows := m.rowsOf(lines, chosen, w, max(leastLines, room-1-len(full.Lines)))
	return m.Styles.Focus(WordsDiagnostics(m.Cfg.Version), draw.Stack(rows, draw.Gap(1), full), l.Body.W, 0).Fit(l.Body.W, l.Body.H)
}

// rowsOf is a row for each line, as many as fit into h.
func (m *Model) rowsOf(lines []doctor.Line, chosen, w, h int) draw.Pane {
	widths := []int{checkColumn, stateColumn, codeColumn, max(1, w-2-checkColumn-stateColumn-codeColumn-3*draw.ColumnGap)}
	first, last := draw.Window(len(lines), chosen, 0, h)
	var out draw.Pane
	for i := first; i < last; i++ {
		l := lines[i]
		row := draw.Columns(widths, l.Check.String(), l.State.String(), l.Code[:codeColumn], l.Sentence)
		st, mark := m.Styles.Plain, "  "
		switch l.State {
		case doctor.Fail:
			st, mark = m.Styles.Warn, draw.SignFailed+" "
		case doctor.Warning:
			st = m.Styles.Warn
		case doctor.NotReached:
			st = m.Styles.Label
		case doctor.Pass:
		}
		if i == chosen {
			st, mark = st.Bold(true), draw.SignChosen+" "
		}
		if i == chosen {
			out.Cursor = &tea.Position{X: 1, Y: len(out.Lines)}
		}
		out.Lines = append(out.Lines, st.Render(mark+row))
	}
	return out
}

// lineInFull is a line with nothing cut.
func (m *Model) lineInFull(l doctor.Line, w int) draw.Pane {
	return draw.Stack(
		draw.Paragraph(m.Styles.Strong, l.Check.String()+": "+l.Sentence, w),
		m.Styles.Entries(wordWhatToDo, l.Advice, w),
		m.Styles.Entries(WordSayCode, wordsSpelt(l.Code, doctor.Spell(l.Code)), w))
}

// LastError is the last failure of reader, card or sign-in.
func (m *Model) LastError(w int) draw.Pane {
	sentence, _, code := step.Explain(m.Readers.LastErr)
	return m.Styles.Entries(wordLastError, m.Readers.LastErrAt.Format("15:04")+" "+sentence+" ("+code+")", w)
}
