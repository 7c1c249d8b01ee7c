package find

import (
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// flagsLine says on the search screen that flags wait to be written, and which key writes them; of whom it says
// nothing.
func (s *Form) flagsLine(w int) draw.Pane {
	how := wordPressFlags
	if s.Focus != FocusSearch {
		how = wordLeaveFieldForFlags
	}
	return s.flagsTold(how, w)
}

// flagsTold says that flags wait to be written; how says what to do to see them.
func (s *Form) flagsTold(how string, w int) draw.Pane {
	b := s.Flags
	var out draw.Pane
	if b.Waiting > 0 {
		out = draw.Paragraph(s.Styles.Warn, draw.SignDot+" "+wordsFlagsWait(b.Waiting, b.InMemory, b.Place)+": "+how, w)
	}
	if b.Err != nil {
		_, _, code := step.Explain(b.Err)
		out = draw.Stack(out, draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+step.WordFlagsUnreadable+" "+step.WordsCode(code), w))
	}
	return out
}
