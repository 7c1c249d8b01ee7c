package card

import (
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// waitingScreen waits for a card and says why there is none.
type waitingScreen struct {
	*step.Common
	step.Unfocused
	readers *Readers
	note    string // what has just happened: "Card removed. Session ended."
}

// NewWaiting returns the screen without a card; note is what has just happened, "" for nothing.
func NewWaiting(c *step.Common, r *Readers, note string) *waitingScreen {
	return &waitingScreen{Common: c, readers: r, note: note}
}

// Wipe drops what was typed and shown.
func (s *waitingScreen) Wipe() {}

// Commands returns what can be done here.
func (s *waitingScreen) Commands() (main, minor []act.Command) { return nil, nil }

// View draws the body.
func (s *waitingScreen) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	var inner draw.Pane
	if err := s.readers.problem(); err == nil {
		inner = draw.Lines(s.Styles.Plain.Render(wordLooking))
	} else {
		sentence, advice, code := step.Explain(err)
		inner = draw.Stack(
			draw.Paragraph(s.Styles.Strong, sentence, w-6),
			draw.Gap(1),
			draw.Paragraph(s.Styles.Plain, advice, w-6),
			draw.Gap(1),
			draw.Paragraph(s.Styles.Label, step.WordsCode(code), w-6),
		)
	}
	all := []draw.Pane{s.Styles.Focus(titleCard, step.Roomy(inner), w, 0)}
	if s.note != "" {
		all = append([]draw.Pane{draw.Paragraph(s.Styles.Warn, s.note, w), draw.Gap(1)}, all...)
	}
	return draw.Stack(append(all, s.Hints(w))...).Centred(l.Body.W, l.Body.H)
}
