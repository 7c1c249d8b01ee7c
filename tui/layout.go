package tui

// The smallest screen that holds everything without hiding an alert, and the width from which panes stand side by side.
const (
	leastCols, leastRows = 60, 20
	wideCols             = 120
	maxCols              = 160 // what is wider is left empty: the eye loses the row
	footRows             = 2
)

// rect is a rectangle of cells; x and y count from 0 at the top left of the screen.
type rect struct{ x, y, w, h int }

// place is where a screen stands in the sequence from the search to the opened alert.
type place int

// The places. nowhere is before the sequence (card, role) or beside it (help, diagnostics).
const (
	nowhere place = iota
	atFind
	atResults
	atPatient
	atAlert
)

// layout says where things are. It is a function of the size of the screen, of the rows that the top takes, and of the
// place in the sequence.
type layout struct {
	cols, rows int
	small      bool // too small to show anything but a sentence
	wide       bool // panes side by side
	top        rect // header, or the patient's banner
	before     rect // panes of the steps behind the user; no width where there are none beside the body
	body       rect // the pane that the keys move in
	after      rect // panes of the steps to come
	foot       rect // session line and keys
}

// paneGap is the space between panes side by side.
const paneGap = 1

// layoutOf lays out a screen of cols by rows cells whose top takes topRows rows, for a user who is at a place. The pane in
// hand gets the room that its content needs, the others what is left.
func layoutOf(cols, rows, topRows int, at place) layout {
	l := layout{cols: cols, rows: rows}
	if cols < leastCols || rows < leastRows {
		l.small = true
		l.body = rect{w: max(cols, 0), h: max(rows, 0)}
		return l
	}
	l.wide = cols >= wideCols
	l.top = rect{w: cols, h: topRows}
	l.foot = rect{y: rows - footRows, w: cols, h: footRows}
	l.body = rect{x: 1, y: topRows, w: min(cols, maxCols) - 2, h: rows - topRows - footRows}
	if !l.wide {
		return l
	}
	before, after := 0, 0 // hundredths of the width
	switch at {
	case atFind:
		after = 36
	case atResults:
		before, after = 19, 17
	case atPatient, atAlert:
		before = 24
	case nowhere:
	}
	if before > 0 {
		l.before = l.body
		l.before.w = l.body.w * before / 100
		l.body.x += l.before.w + paneGap
		l.body.w -= l.before.w + paneGap
	}
	if after > 0 {
		l.after = l.body
		l.after.w = (min(cols, maxCols) - 2) * after / 100
		l.body.w -= l.after.w + paneGap
		l.after.x = l.body.x + l.body.w + paneGap
	}
	return l
}

// halves parts a width into two panes with a gap between, the left one share percent of it.
func halves(w, gap, share int) (left, right int) {
	left = (w - gap) * share / 100
	return left, w - gap - left
}

// window is the part of count rows that fits into h, with the row chosen in it: from inclusive, to exclusive. It moves
// no more than it must from where it began.
func window(count, chosen, from, h int) (first, last int) {
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
