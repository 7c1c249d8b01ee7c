package tui

import (
	"wardlight/tui/act"
	"wardlight/tui/draw"
)

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

func (s *waitingScreen) Wipe()                                 {}
func (s *waitingScreen) Commands() (main, minor []act.Command) { return nil, nil }

func (s *waitingScreen) View(l draw.Layout) draw.Pane {
	w := boxWidth(l)
	var inner draw.Pane
	if err := s.readers.problem(); err == nil {
		inner = draw.Lines(s.th.Plain.Render(wordLooking))
	} else {
		sentence, advice, code := told(err)
		inner = draw.Stack(
			draw.Paragraph(s.th.Strong, sentence, w-6),
			draw.Gap(1),
			draw.Paragraph(s.th.Plain, advice, w-6),
			draw.Gap(1),
			draw.Paragraph(s.th.Label, wordsCode(code), w-6),
		)
	}
	all := []draw.Pane{s.th.Focus(titleCard, roomy(inner), w, 0)}
	if s.note != "" {
		all = append([]draw.Pane{draw.Paragraph(s.th.Warn, s.note, w), draw.Gap(1)}, all...)
	}
	return draw.Stack(append(all, s.hints(w))...).Centred(l.Body.W, l.Body.H)
}
