package draw

// The smallest screen that holds everything without hiding an alert, and the width from which panes stand side by side.
const (
	LeastCols, LeastRows = 60, 20
	WideCols             = 120
	maxCols              = 160 // what is wider is left empty: the eye loses the row
	FootRows             = 2
)

// Rect is a rectangle of cells; x and y count from 0 at the top left of the screen.
type Rect struct{ x, y, W, H int }

// Place is where a screen stands in the sequence from the search to the opened alert.
type Place int

// The places. nowhere is before the sequence (card, role) or beside it (help, diagnostics).
const (
	Nowhere Place = iota
	AtFind
	AtResults
	AtPatient
	AtAlert
)

// Layout says where things are. It is a function of the size of the screen, of the rows that the top takes, and of the
// place in the sequence.
type Layout struct {
	Cols, Rows int
	Small      bool // too small to show anything but a sentence
	Wide       bool // panes side by side
	Top        Rect // header, or the patient's banner
	Before     Rect // panes of the steps behind the user; no width where there are none beside the body
	Body       Rect // the pane that the keys move in
	After      Rect // panes of the steps to come
	Foot       Rect // session line and keys
}

// PaneGap is the space between panes side by side.
const PaneGap = 1

// LayOut lays out a screen of cols by rows cells whose top takes topRows rows, for a user who is at a place. The pane
// in hand gets the room that its content needs, the others what is left.
func LayOut(cols, rows, topRows int, at Place) Layout {
	l := Layout{Cols: cols, Rows: rows}
	if cols < LeastCols || rows < LeastRows {
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
	before, after := 0, 0 // hundredths of the width
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

// Halves parts a width into two panes with a gap between, the left one share percent of it.
func Halves(w, gap, share int) (left, right int) {
	left = (w - gap) * share / 100
	return left, w - gap - left
}

// Window returns the part of count rows that fits into h, with the row chosen in it: from inclusive, to exclusive. It
// moves no more than it must from where it began.
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
