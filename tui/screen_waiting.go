package tui

import "wardlight/tui/act"

// waitingScreen waits for a card and says why there is none.
type waitingScreen struct {
	*common
	unfocused
	readers *readers
	note    string // what has just happened: "Card removed. Session ended."
}

func newWaitingScreen(c *common, r *readers, note string) *waitingScreen {
	return &waitingScreen{common: c, readers: r, note: note}
}

func (s *waitingScreen) wipe()                                 {}
func (s *waitingScreen) commands() (main, minor []act.Command) { return nil, nil }

func (s *waitingScreen) view(l layout) pane {
	w := boxWidth(l)
	var inner pane
	if err := s.readers.problem(); err == nil {
		inner = lines(s.th.plain.Render(wordLooking))
	} else {
		sentence, advice, code := told(err)
		inner = stack(
			paragraph(s.th.strong, sentence, w-6),
			gap(1),
			paragraph(s.th.plain, advice, w-6),
			gap(1),
			paragraph(s.th.label, wordsCode(code), w-6),
		)
	}
	all := []pane{s.th.focus(titleCard, roomy(inner), w, 0)}
	if s.note != "" {
		all = append([]pane{paragraph(s.th.warn, s.note, w), gap(1)}, all...)
	}
	return stack(append(all, s.hints(w))...).centred(l.body.w, l.body.h)
}

// boxWidth is how wide a box is that stands alone in the middle: no wider than is pleasant to read.
func boxWidth(l layout) int { return min(l.body.w-2, 68) }

// roomy puts a cell of space round a pane that stands alone.
func roomy(p pane) pane { return stack(gap(1), p.indent(1), gap(1)) }

// hints are the lines for a demo.
func (c *common) hints(w int) pane {
	if len(c.hint) == 0 {
		return pane{}
	}
	all := []pane{gap(1)}
	for _, h := range c.hint {
		all = append(all, paragraph(c.th.label, h, w-1).indent(1))
	}
	return stack(all...)
}
