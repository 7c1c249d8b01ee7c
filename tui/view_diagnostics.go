package tui

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/doctor"
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
func (m *model) diagnostics(l layout) pane {
	lines, w, room := m.examined(), l.body.w-4, l.body.h-2
	chosen := m.told(lines)
	full := m.lineInFull(lines[chosen], w)
	if m.readers.lastErr != nil {
		if last := m.lastError(w); len(lines)+1+len(full.lines)+1+len(last.lines) <= room {
			full = stack(full, gap(1), last)
		}
	}
	rows := m.rowsOf(lines, chosen, w, max(leastLines, room-1-len(full.lines)))
	return m.th.focus(wordsDiagnostics(m.cfg.Version), stack(rows, gap(1), full), l.body.w, 0).fit(l.body.w, l.body.h)
}

// rowsOf is a row for each line, as many as fit into h.
func (m *model) rowsOf(lines []doctor.Line, chosen, w, h int) pane {
	widths := []int{checkColumn, stateColumn, codeColumn, max(1, w-2-checkColumn-stateColumn-codeColumn-3*columnGap)}
	first, last := window(len(lines), chosen, 0, h)
	var out pane
	for i := first; i < last; i++ {
		l := lines[i]
		row := columns(widths, l.Check.String(), l.State.String(), l.Code[:codeColumn], l.Sentence)
		st, mark := m.th.plain, "  "
		switch l.State {
		case doctor.Fail:
			st, mark = m.th.warn, signFailed+" "
		case doctor.Warning:
			st = m.th.warn
		case doctor.NotReached:
			st = m.th.label
		case doctor.Pass:
		}
		if i == chosen {
			st, mark = st.Bold(true), signChosen+" "
		}
		if i == chosen {
			out.cursor = &tea.Position{X: 1, Y: len(out.lines)}
		}
		out.lines = append(out.lines, st.Render(mark+row))
	}
	return out
}

// lineInFull is a line with nothing cut.
func (m *model) lineInFull(l doctor.Line, w int) pane {
	return stack(
		paragraph(m.th.strong, l.Check.String()+": "+l.Sentence, w),
		m.th.entries(wordWhatToDo, l.Advice, w),
		m.th.entries(wordSayCode, wordsSpelt(l.Code, doctor.Spell(l.Code)), w))
}

// lastError is the last failure of reader, card or sign-in.
func (m *model) lastError(w int) pane {
	sentence, _, code := told(m.readers.lastErr)
	return m.th.entries(wordLastError, m.readers.lastErrAt.Format("15:04")+" "+sentence+" ("+code+")", w)
}
