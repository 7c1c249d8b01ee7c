package lines

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// What each screen says in the linear mode. The lines are made from the parts of the panes, drawn without a frame on
// a width that nothing reaches, so that both say the same.

// Lined is a screen that the linear mode can tell.
type Lined interface {
	// inLines is what the screen says, a sentence or a record a line.
	InLines() []string
}

// LinesOf returns a screen in lines. One that has no lines of its own gives those of its view.
func LinesOf(s step.Screen) []string {
	if l, ok := s.(Lined); ok {
		return l.InLines()
	}
	return unframed(s.View(endless()))
}

// endless returns the layout of a screen without an end, with one pane.
func endless() draw.Layout {
	return draw.Layout{Cols: step.Unbounded, Rows: step.Unbounded, Body: draw.Rect{W: step.Unbounded, H: step.Unbounded}}
}

// Frames are the characters of a border at the ends of a line.
const Frames = "─│┌┐└┘═║╔╗╚╝ "

// unframed returns a drawn pane in lines without the borders, and with a word for the mark of what is chosen.
func unframed(p draw.Pane) []string {
	out := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		out[i] = strings.ReplaceAll(strings.Trim(ansi.Strip(l), Frames), draw.SignChosen, wordPlainChosen)
	}
	return step.Sentences(draw.Lines(out...))
}
