package card

import (
	"wardlight/cardreader"
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
	all := draw.Stack(s.Styles.Focus(titleCard, step.Roomy(s.problem(w-6)), w, 0), s.Hints(w))
	if s.note != "" {
		all = draw.Stack(draw.Paragraph(s.Styles.Warn, s.note, w), draw.Gap(1), all)
	}
	purpose := draw.Stack(draw.Paragraph(s.Styles.Plain, WordPurpose, w), draw.Gap(1))
	if len(purpose.Lines)+len(all.Lines) <= l.Body.H { // what has just happened goes before what is always so
		all = draw.Stack(purpose, all)
	}
	return all.Centred(l.Body.W, l.Body.H)
}

// problem returns why no card can be read now, and what to do.
func (s *waitingScreen) problem(w int) draw.Pane {
	err := s.readers.problem()
	if err == nil {
		return draw.Lines(s.Styles.Plain.Render(wordLooking))
	}
	sentence, advice, code := step.Explain(err)
	all := []draw.Pane{draw.Paragraph(s.Styles.Strong, sentence, w), draw.Gap(1), draw.Paragraph(s.Styles.Plain, advice, w)}
	if isFault(err) {
		all = append(all, draw.Gap(1), draw.Paragraph(s.Styles.Label, step.WordsCode(code), w))
	}
	return draw.Stack(all...)
}

// Failing reports whether the screen shows a failure: an empty reader is none.
func (s *waitingScreen) Failing() bool { return isFault(s.readers.problem()) }

// isFault reports whether an error is one for support. That no card is in is what the screen waits for.
func isFault(err error) bool { return err != nil && cardreader.KindOf(err) != cardreader.NoCard }
