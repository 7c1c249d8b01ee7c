package card

import (
	"fmt"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/certerror"
	"wardlight/internal/session"
	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Which is the screen on which the user chooses one of several smartcards.
type Which struct {
	*step.Common
	step.Unfocused
	Cards  []session.Card
	note   string // what has happened before, or ""
	marked int    // index in Cards
}

// NewWhich returns the screen for several cards that can sign in.
func NewWhich(c *step.Common, cards []session.Card, note string) *Which {
	return &Which{Common: c, Cards: cards, note: note}
}

// Note returns what happened before the screen was shown, or "".
func (s *Which) Note() string { return s.note }

// Wipe does nothing: the screen has no patient data.
func (s *Which) Wipe() {}

// Choices returns a command for each card, with the key delay, so that none is chosen by accident when the list
// appears.
func (s *Which) Choices() []act.Command {
	all := make([]act.Command, len(s.Cards))
	for i, c := range s.Cards {
		take := act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: step.Effect(TakeCard{c})}
		all[i] = s.Delayed(take, time.Time{})
	}
	return all
}

// Commands returns the main and the minor commands of the screen.
func (s *Which) Commands() (main, minor []act.Command) {
	all := s.Choices()
	for i, c := range all[:min(9, len(all))] {
		digits := step.Bind("1-"+strconv.Itoa(min(9, len(all))), wordTakeCard, s.Keys.Number.Keys()[i])
		main = append(main, step.ChosenBy(digits, c))
	}
	main = append(main, step.ChosenBy(step.As(s.Keys.Enter, wordTakeMarked), all[s.marked]))
	return append(main, s.Updown(step.WordMove, len(all) > 1, s.move)...), []act.Command{browserCommand(s.Common)}
}

// move moves the selection by n cards.
func (s *Which) move(n int) { s.marked = max(0, min(s.marked+n, len(s.Cards)-1)) }

// View returns the body of the screen.
func (s *Which) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	inner := draw.Paragraph(s.Styles.Plain, wordWhichAdvice, w-6)
	for i, c := range s.Cards {
		inner = draw.Stack(inner, draw.Gap(1), s.row(i, c, w-6))
	}
	all := draw.Stack(s.Styles.Focus(titleWhich, step.Padded(inner), w, 0), s.Hints(w))
	if s.note != "" {
		all = draw.Stack(draw.Paragraph(s.Styles.Warn, s.note, w), draw.Gap(1), all)
	}
	return all.Centred(l.Body.W, l.Body.H)
}

// row returns a card: its number key, holder and reader.
func (s *Which) row(i int, c session.Card, w int) draw.Pane {
	mark, st := "  ", s.Styles.Strong
	if i == s.marked {
		mark, st = draw.SignChosen+" ", s.Styles.Chosen
	}
	digit := " "
	if i < 9 {
		digit = strconv.Itoa(i + 1)
	}
	p := draw.Lines(
		mark+s.Styles.Keycap.Render(digit)+" "+st.Render(" "+text.Truncate(holder(c), w-6)+" "),
		"     "+s.Styles.Label.Render(text.Truncate(wordsInReader(c.Reader)+", "+s.ends(c), w-6)),
	)
	if i == s.marked {
		p.Cursor = &tea.Position{X: 1}
	}
	return p
}

// holder returns the name or UUID of the card's holder.
func holder(c session.Card) string {
	what, who := c.Holder()
	return what + " " + who
}

func (s *Which) ends(c session.Card) string {
	return wordsCertificateEnds(certerror.Day(c.NotAfter, s.Location))
}

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Which) InLines() []string {
	var out []string
	if s.note != "" {
		out = append(out, step.Sentence(s.note))
	}
	out = append(out, step.Sentence(titleWhich), wordWhichAdvice)
	for i, c := range s.Cards {
		out = append(out, fmt.Sprintf("%d. %s, %s, %s.", i+1, holder(c), wordsInReader(c.Reader), s.ends(c)))
	}
	return out
}
