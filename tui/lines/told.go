package lines

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// The text of each screen in linear mode. It is made from the panes, drawn without a frame at unlimited width, so that
// both modes have the same words.

// Lined is a screen with its own text for linear mode.
type Lined interface {
	// InLines returns the text of the screen, a sentence or a record a line.
	InLines() []string
}

// LinesOf returns the lines of a screen. If it does not implement [Lined], they are made from its view.
func LinesOf(s step.Screen) []string {
	if l, ok := s.(Lined); ok {
		return l.InLines()
	}
	return unframed(s.View(unlimitedLayout()))
}

// unlimitedLayout returns the layout of an unlimited screen with one pane.
func unlimitedLayout() draw.Layout {
	return draw.Layout{
		Cols: step.Unbounded, Rows: step.Unbounded,
		Body: draw.Rect{W: step.Unbounded, H: step.Unbounded},
	}
}

// Frames is the characters of borders at the ends of a line.
const Frames = "─│┌┐└┘═║╔╗╚╝ "

// unframed returns the lines of a pane without borders, and with a word in place of the sign for the chosen item.
func unframed(p draw.Pane) []string {
	out := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		out[i] = strings.ReplaceAll(strings.Trim(ansi.Strip(l), Frames), draw.SignChosen, wordPlainChosen)
	}
	return step.Sentences(draw.Lines(out...))
}
