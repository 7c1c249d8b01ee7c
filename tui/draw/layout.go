package draw

// The minimum size of a screen, which always shows an alert, and the width from which panes are side by side.
const (
	MinCols, MinRows = 60, 20
	WideCols         = 120
	maxCols          = 160 // the rest is left empty, because wide rows are hard to follow
	FootRows         = 2
)

// Rect is a rectangle of cells; x and y count from 0 at the top left of the screen.
type Rect struct{ x, y, W, H int }

// Place is the step that a screen belongs to, from the search to the opened alert.
type Place int

// The steps. Nowhere is for screens before the search (card, role) or outside of the steps (help, diagnostics).
const (
	Nowhere Place = iota
	AtFind
	AtResults
	AtPatient
	AtAlert
)

// Layout is the positions of the parts of a screen. It depends on the size of the screen, the height of the header and
// the step.
type Layout struct {
	Cols, Rows int
	Small      bool // too small to show more than a sentence
	Wide       bool // panes side by side
	Top        Rect // header, or the patient's banner
	Before     Rect // panes of the previous steps; width 0 if there are none
	Body       Rect // the current pane
	After      Rect // panes of the following steps
	Foot       Rect // session line and keys
}

// PaneGap is the space between panes side by side.
const PaneGap = 1

// LayOut lays out a screen of cols by rows cells, with a header of topRows rows, for step at. The current pane gets
// most of the width, and the others the rest.
func LayOut(cols, rows, topRows int, at Place) Layout {
	l := Layout{Cols: cols, Rows: rows}
	if cols < MinCols || rows < MinRows {
		l.Small = true
		l.Body = Rect{W: max(cols, 0), H: max(rows, 0)}
		return l
	}

	l.Wide = cols >= WideCols
	l.Top = Rect{W: cols, H: topRows}
	l.Foot = Rect{y: rows - FootRows, W: cols, H: FootRows}
	l.Body = Rect{x: 1, y: topRows, W: min(cols, maxCols) - 2, H: rows - topRows - FootRows}
	if !l.Wide {
		return l
	}

	before, after := 0, 0 // percent of the width
	switch at {
	case AtFind:
		after = 36
	case AtResults:
		before, after = 19, 17
	case AtPatient, AtAlert:
		before = 24
	case Nowhere:
	}

	if before > 0 {
		l.Before = l.Body
		l.Before.W = l.Body.W * before / 100
		l.Body.x += l.Before.W + PaneGap
		l.Body.W -= l.Before.W + PaneGap
	}

	if after > 0 {
		l.After = l.Body
		l.After.W = (min(cols, maxCols) - 2) * after / 100
		l.Body.W -= l.After.W + PaneGap
		l.After.x = l.Body.x + l.Body.W + PaneGap
	}

	return l
}

// Halves splits a width into two panes with a gap. The left pane gets share percent.
func Halves(w, gap, share int) (left, right int) {
	left = (w - gap) * share / 100
	return left, w - gap - left
}

// Window returns the range of count rows, first to last exclusive, that fits into h rows and contains the row chosen.
// It scrolls from the position from as little as possible.
func Window(count, chosen, from, h int) (first, last int) {
	if h <= 0 || count <= 0 {
		return 0, 0
	}
	from = max(0, min(from, count-h))
	if chosen < from {
		from = chosen
	}
	if chosen >= from+h {
		from = chosen - h + 1
	}
	return from, min(from+h, count)
}
