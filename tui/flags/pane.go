package flags

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// View returns the body of the screen.
func (s *Screen) View(l draw.Layout) draw.Pane {
	in := l.Body.W - 6
	head := []draw.Pane{draw.Gap(1), draw.Paragraph(s.Styles.Plain, wordsFlagsWaitFor(s.Flags.Place), in), draw.Gap(1)}
	foot := []draw.Pane{draw.Gap(1)}
	switch {
	case s.writing:
		foot = append(foot, draw.Lines(s.Styles.Strong.Render(step.WordsFlagging(s.Flags.Place))))
	case s.Flags.Asked.Pending():
		foot = append(foot, draw.Lines(s.Styles.Plain.Render(wordReadingFlags)))
	case s.Removing:
		foot = append(foot,
			draw.Paragraph(s.Styles.Warn, wordsRemoveFlag(s.Waiting.Flags[s.chosen].Flag.Number.String()), in))
	case s.err != nil:
		foot = append(foot, step.FaultPane(s.Styles, s.err, in))
	case len(s.Waiting.Flags) == 0 && s.Waiting.Err == nil:
		foot = append(foot, draw.Lines(s.Styles.Strong.Render(wordNoFlagsWait)))
	default:
		foot = append(foot, s.chosenReason(in))
	}

	if s.Waiting.Err != nil {
		foot = append(foot, draw.Gap(1), draw.Lines(s.Styles.Strong.Render(step.WordFlagsUnreadable)),
			step.FaultPane(s.Styles, s.Waiting.Err, in))
	}

	below := draw.Stack(foot...)
	list := s.list(max(3, l.Body.H-len(draw.Stack(head...).Lines)-len(below.Lines)-3))
	return s.Styles.Focus(titleFlags, draw.Stack(append(head, list, below)...).Indent(1), l.Body.W, 0)
}

// list returns the table of flags, as many as fit into h lines.
func (s *Screen) list(h int) draw.Pane {
	if len(s.Waiting.Flags) == 0 {
		return draw.Pane{}
	}

	widths := []int{14, 17, 19}
	rows := draw.Lines("  " + s.Styles.Label.Render(draw.Columns(widths, step.WordNHSNo, wordAlertAsOf,
		wordSavedWhere)))
	first, last := draw.Window(len(s.Waiting.Flags), s.chosen, s.from, h-1)
	s.from = first
	for i := first; i < last; i++ {
		k := s.Waiting.Flags[i]
		mark, st := "  ", s.Styles.Plain
		if i == s.chosen {
			mark, st = draw.SignChosen+" ", s.Styles.Chosen
		}
		row := draw.Lines(mark +
			st.Render(draw.Columns(widths, k.Flag.Number.String(), nhs.Instant(k.Flag.AsOf, s.Location),
				storedWhere(k.Storage))))
		if i == s.chosen {
			row.Cursor = &tea.Position{}
		}
		rows = draw.Stack(rows, row)
	}

	return rows
}

// storedWhere returns where a pending flag is stored.
func storedWhere(k recordsystem.Storage) string {
	if k == recordsystem.InMemory {
		return wordSavedInMemory
	}
	return wordSavedOnDisk
}

// chosenReason returns why the marked flag was not written.
func (s *Screen) chosenReason(w int) draw.Pane {
	if len(s.Waiting.Flags) == 0 {
		return draw.Pane{}
	}
	k := s.Waiting.Flags[s.chosen]
	if k.Code == "" {
		return draw.Paragraph(s.Styles.Plain, wordNoAnswerYet, w)
	}
	return draw.Stack(draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+k.Reason, w),
		draw.Paragraph(s.Styles.Label, step.WordsCode(k.Code), w))
}
