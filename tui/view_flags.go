package tui

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/text"
)

func (s *flagsScreen) view(l layout) pane {
	in := l.body.w - 6
	head := []pane{gap(1), paragraph(s.th.plain, wordsFlagsWaitFor(s.flags.place), in), gap(1)}
	foot := []pane{gap(1)}
	switch {
	case s.writing:
		foot = append(foot, lines(s.th.strong.Render(wordsFlagging(s.flags.place))))
	case s.asking:
		foot = append(foot, lines(s.th.plain.Render(wordReadingFlags)))
	case s.removing:
		foot = append(foot, paragraph(s.th.warn, wordsRemoveFlag(s.waiting.Flags[s.chosen].Flag.Number.String()), in))
	case s.err != nil:
		foot = append(foot, s.th.faultPane(s.err, in))
	case len(s.waiting.Flags) == 0 && s.waiting.Err == nil:
		foot = append(foot, lines(s.th.strong.Render(wordNoFlagsWait)))
	default:
		foot = append(foot, s.chosenReason(in))
	}
	if s.waiting.Err != nil {
		foot = append(foot, gap(1), lines(s.th.strong.Render(wordFlagsUnreadable)), s.th.faultPane(s.waiting.Err, in))
	}
	below := stack(foot...)
	list := s.list(max(3, l.body.h-len(stack(head...).lines)-len(below.lines)-3))
	return s.th.focus(titleFlags, stack(append(head, list, below)...).indent(1), l.body.w, 0)
}

// list is the table of flags, as many as fit into h lines.
func (s *flagsScreen) list(h int) pane {
	if len(s.waiting.Flags) == 0 {
		return pane{}
	}
	widths := []int{14, 17, 19}
	rows := lines("  " + s.th.label.Render(columns(widths, wordNHSNo, wordAlertAsOf, wordKeptWhere)))
	first, last := window(len(s.waiting.Flags), s.chosen, s.from, h-1)
	s.from = first
	for i := first; i < last; i++ {
		k := s.waiting.Flags[i]
		mark, st := "  ", s.th.plain
		if i == s.chosen {
			mark, st = signChosen+" ", s.th.chosen
		}
		row := lines(mark + st.Render(columns(widths, k.Flag.Number.String(), nhs.Instant(k.Flag.AsOf, s.loc), keptWhere(k.Place))))
		if i == s.chosen {
			row.cursor = &tea.Position{}
		}
		rows = stack(rows, row)
	}
	return rows
}

// keptWhere is where a flag is until it is written.
func keptWhere(k recordsystem.Keeping) string {
	if k == recordsystem.InMemory {
		return wordKeptInMemory
	}
	return wordKeptOnDisk
}

// chosenReason is why the marked one was not written.
func (s *flagsScreen) chosenReason(w int) pane {
	if len(s.waiting.Flags) == 0 {
		return pane{}
	}
	k := s.waiting.Flags[s.chosen]
	if k.Code == "" {
		return paragraph(s.th.plain, wordNoAnswerYet, w)
	}
	return stack(paragraph(s.th.warn, signFailed+" "+k.Reason, w), paragraph(s.th.label, wordsCode(k.Code), w))
}

// canFlag reports whether the alert can be set in the record system, and the user can see whose it is.
func (s *patientScreen) canFlag() bool {
	return s.flags.place != "" && s.record != nil && s.canOpen() && !s.flagging && (s.flagged == nil || s.flagged.Err != nil)
}

// flagWords are what the flagging key does before it is pressed, and what came of it. brief leaves out what to do about a failure.
func (s *patientScreen) flagWords(w int, brief bool) pane {
	place := s.flags.place
	switch {
	case place == "" || s.record == nil || s.opening:
		return pane{}
	case s.flagging:
		return paragraph(s.th.strong, wordsFlagging(place), w)
	case s.flagged == nil:
		return s.flagKey(wordsFlagDoes(place)+" "+wordFlagQuiet, w)
	case s.flagged.Err == nil && s.flagged.Already:
		return paragraph(s.th.strong, wordsFlagThere(place), w)
	case s.flagged.Err == nil:
		return paragraph(s.th.strong, wordsFlagSet(place, s.flagged.At.In(s.loc).Format("15:04")), w)
	}
	sentence, advice, code := told(s.flagged.Err)
	first := paragraph(s.th.warn, signFailed+" "+wordFlagNotSet+" "+sentence, w)
	if brief {
		return first
	}
	return stack(first,
		paragraph(s.th.plain, wordsFlagKept(s.flagged.Kept, s.flagged.Unkept)+" "+advice, w),
		paragraph(s.th.label, wordsCode(code), w))
}

// flagKey is the flagging key with what it does.
func (s *patientScreen) flagKey(does string, w int) pane {
	k := s.keys.Flag.Help().Key
	return beside(lines(s.th.keycap.Render(k)), text.Width(k), 2, paragraph(s.th.plain, does, w-text.Width(k)-2))
}

// flagsLine says on the search screen that flags wait to be written, and which key writes them; of whom it says nothing.
func (s *findScreen) flagsLine(w int) pane {
	how := wordPressFlags
	if s.focus != focusSearch {
		how = wordLeaveFieldForFlags
	}
	return s.flagsTold(how, w)
}

// flagsTold says that flags wait to be written; how says what to do to see them.
func (s *findScreen) flagsTold(how string, w int) pane {
	b := s.flags
	var out pane
	if b.waiting > 0 {
		out = paragraph(s.th.warn, signDot+" "+wordsFlagsWait(b.waiting, b.inMemory, b.place)+": "+how, w)
	}
	if b.err != nil {
		_, _, code := told(b.err)
		out = stack(out, paragraph(s.th.warn, signFailed+" "+wordFlagsUnreadable+" "+wordsCode(code), w))
	}
	return out
}
