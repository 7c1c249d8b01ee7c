package step

import "fmt"

// Scroller is the part of a long text that a screen shows. The zero value shows the beginning.
type Scroller struct {
	From  int // first line shown
	Shown int // number of lines that fit, for paging
}

// Scroll scrolls by n lines.
func (s *Scroller) Scroll(n int) { s.From += n }

// Window returns the lines to show, of total lines in h.
func (s *Scroller) Window(total, h int) (first, last int) {
	s.From = max(0, min(s.From, total-h))
	last = min(total, s.From+h)
	s.Shown = max(1, last-s.From)
	return s.From, last
}

// WordsLines returns which lines are shown, and the key for more, unless it is "".
func WordsLines(first, last, total int, key string) string {
	words := fmt.Sprintf("Lines %d to %d of %d.", first, last, total)
	if last < total && key != "" {
		words += " MORE BELOW: " + key
	}
	return words
}
