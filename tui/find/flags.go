package find

import (
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// flagsLine returns the notice on the search form that flags are pending, with the key that shows them. It names no
// patients.
func (s *Form) flagsLine(w int) draw.Pane {
	how := wordPressFlags
	if s.Focus != FocusSearch {
		how = wordLeaveFieldForFlags
	}
	return s.flagsNotice(how, w)
}

// flagsNotice returns the notice that flags are pending. how is what to do to see them.
func (s *Form) flagsNotice(how string, w int) draw.Pane {
	b := s.Flags
	var out draw.Pane
	if b.Waiting > 0 {
		out = draw.Paragraph(s.Styles.Warn, draw.SignDot+" "+wordsFlagsWait(b.Waiting, b.InMemory, b.Place)+": "+how, w)
	}
	if b.Err != nil {
		_, _, code := step.Explain(b.Err)
		out = draw.Stack(out, draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+step.WordFlagsUnreadable+" "+
			step.WordsCode(code), w))
	}
	return out
}
