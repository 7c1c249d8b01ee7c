package tui

import (
	"wardlight/tui/draw"
)

// flagsLine says on the search screen that flags wait to be written, and which key writes them; of whom it says nothing.
func (s *findScreen) flagsLine(w int) draw.Pane {
	how := wordPressFlags
	if s.focus != focusSearch {
		how = wordLeaveFieldForFlags
	}
	return s.flagsTold(how, w)
}

// flagsTold says that flags wait to be written; how says what to do to see them.
func (s *findScreen) flagsTold(how string, w int) draw.Pane {
	b := s.flags
	var out draw.Pane
	if b.waiting > 0 {
		out = draw.Paragraph(s.th.Warn, draw.SignDot+" "+wordsFlagsWait(b.waiting, b.inMemory, b.place)+": "+how, w)
	}
	if b.err != nil {
		_, _, code := told(b.err)
		out = draw.Stack(out, draw.Paragraph(s.th.Warn, draw.SignFailed+" "+wordFlagsUnreadable+" "+wordsCode(code), w))
	}
	return out
}
