package card

import (
	"wardlight/cardreader"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// waitingScreen is shown while there is no card that can be read. It shows why.
type waitingScreen struct {
	*step.Common
	step.Unfocused
	readers *Readers
	note    string // what has happened before, such as "Card removed. Session ended."
}

// NewWaiting returns the screen without a card. note is what has happened before, or "".
func NewWaiting(c *step.Common, r *Readers, note string) *waitingScreen {
	return &waitingScreen{Common: c, readers: r, note: note}
}

// Wipe does nothing: the screen has no patient data.
func (s *waitingScreen) Wipe() {}

// Commands returns the main and the minor commands of the screen.
func (s *waitingScreen) Commands() (main, minor []act.Command) {
	return []act.Command{browserCommand(s.Common)}, nil
}

// View returns the body of the screen.
func (s *waitingScreen) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	all := draw.Stack(s.Styles.Focus(titleCard, step.Padded(s.problem(w-6)), w, 0), s.Hints(w))
	if s.note != "" {
		all = draw.Stack(draw.Paragraph(s.Styles.Warn, s.note, w), draw.Gap(1), all)
	}
	purpose := draw.Stack(draw.Paragraph(s.Styles.Plain, WordPurpose, w), draw.Gap(1))
	if len(purpose.Lines)+len(all.Lines) <= l.Body.H { // if space is short, the note is more important than this text
		all = draw.Stack(purpose, all)
	}
	return all.Centred(l.Body.W, l.Body.H)
}

// problem returns why no card can be read now, with advice.
func (s *waitingScreen) problem(w int) draw.Pane {
	err := s.readers.problem()
	if err == nil {
		return draw.Lines(s.Styles.Plain.Render(wordLooking))
	}
	sentence, advice, code := step.Explain(err)
	all := []draw.Pane{draw.Paragraph(s.Styles.Strong, sentence, w), draw.Gap(1), draw.Paragraph(s.Styles.Plain, advice,
		w)}
	if isFault(err) {
		all = append(all, draw.Gap(1), draw.Paragraph(s.Styles.Label, step.WordsCode(code), w))
	}
	return draw.Stack(all...)
}

// Failing reports whether the screen shows a failure. An empty reader is not one.
func (s *waitingScreen) Failing() bool { return isFault(s.readers.problem()) }

// isFault reports whether err is a problem for support. An empty reader is not one.
func isFault(err error) bool { return err != nil && cardreader.KindOf(err) != cardreader.NoCard }
