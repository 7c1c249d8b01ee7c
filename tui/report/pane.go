package report

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/doctor"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// The widths of the columns of the diagnostics, in cells. The sentence gets the remaining width.
const (
	checkColumn = 17
	stateColumn = 11
	codeColumn  = 3
	minRows     = 3 // minimum number of rows of the list
)

// Pane returns the list of checks and, below, one of them in full: with advice, and the code as it is read out on the
// telephone.
func (r *Report) Pane(l draw.Layout) draw.Pane {
	lines, w, avail := r.Lines(), l.Body.W-4, l.Body.H-2
	chosen := r.shownIndex(lines)
	full := r.lineInFull(lines[chosen], w)
	if last := r.lastFailure(w); len(last.Lines) > 0 && len(lines)+1+len(full.Lines)+1+len(last.Lines) <= avail {
		full = draw.Stack(full, draw.Gap(1), last)
	}
	rows := r.rowsOf(lines, chosen, w, max(minRows, avail-1-len(full.Lines)))
	return r.Styles.Focus(wordsReport(r.Version), draw.Stack(rows, draw.Gap(1), full), l.Body.W, 0).Fit(l.Body.W,
		l.Body.H)
}

// rowsOf returns a row for each check, as many as fit into h lines.
func (r *Report) rowsOf(lines []doctor.Result, chosen, w, h int) draw.Pane {
	widths := []int{
		checkColumn, stateColumn, codeColumn,
		max(1, w-2-checkColumn-stateColumn-codeColumn-3*draw.ColumnGap),
	}

	first, last := draw.Window(len(lines), chosen, 0, h)
	var out draw.Pane
	for i := first; i < last; i++ {
		l := lines[i]
		row := draw.Columns(widths, l.Check.String(), l.State.String(), l.Code[:codeColumn], l.Sentence)
		st, mark := r.Styles.Plain, "  "
		switch l.State {
		case doctor.Fail:
			st, mark = r.Styles.Warn, draw.SignFailed+" "
		case doctor.Warning:
			st = r.Styles.Warn
		case doctor.NotReached:
			st = r.Styles.Label
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

// lineInFull returns a check without truncation.
func (r *Report) lineInFull(l doctor.Result, w int) draw.Pane {
	return draw.Stack(
		draw.Paragraph(r.Styles.Strong, l.Check.String()+": "+l.Sentence, w),
		r.Styles.Entries(wordWhatToDo, l.Advice, w),
		r.Styles.Entries(wordSayCode, wordsSpelled(l.Code, doctor.Spell(l.Code)), w))
}

// lastFailure returns the last failure of reader, card or sign-in, or nothing.
func (r *Report) lastFailure(w int) draw.Pane {
	at, err := r.Last()
	if err == nil {
		return draw.Pane{}
	}
	sentence, _, code := step.Explain(err)
	return r.Styles.Entries(wordLastError, at.Format("15:04")+" "+sentence+" ("+code+")", w)
}
