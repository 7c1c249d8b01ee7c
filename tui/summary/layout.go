package summary

import (
	"cmp"
	"slices"

	record "wardlight/internal/summary"
	"wardlight/tui/draw"
)

// layout is the list of sections for a width.
type layout struct {
	width    int
	unfolded bool
	lines    []record.Line
	headings []int // the lines that begin a section
	parts    []part
}

// part is lines that the end of a page does not divide, if they fit on a page: a row must not be read without its dose.
type part struct {
	from  int           // its first line
	names []record.Line // the names of the table's columns
	inRow int           // the first line for which the names are not above it in the part
}

// layOut returns the sections of a summary: allergies first, the others folded unless unfolded is set, and what the
// record says about itself.
func layOut(document record.Summary, w int, unfolded bool) layout {
	l := layout{width: w, unfolded: unfolded}
	wasFolded := false
	for _, section := range document.Sections {
		folded := !section.Leading() && section.State != record.Unreadable && !unfolded
		if len(l.lines) > 0 && (!folded || !wasFolded) {
			l.lines = append(l.lines, record.Line{})
		}
		if wasFolded = folded; folded {
			l.begin(wrapped(wordsFolded(section), w, record.Plain))
		} else {
			l.add(section)
		}
	}

	for _, section := range document.About {
		l.lines = append(l.lines, record.Line{})
		l.add(section)
	}
	return l
}

// begin adds the lines that begin a section.
func (l *layout) begin(lines []record.Line) {
	l.headings = append(l.headings, len(l.lines))
	l.parts = append(l.parts, part{from: len(l.lines), inRow: len(l.lines) + len(lines)})
	l.lines = append(l.lines, lines...)
}

// add adds a section with its heading, which is on one page with its first part.
func (l *layout) add(section record.Section) {
	heading := section.CountedHeading()
	if section.State == record.Unreadable {
		heading = draw.SignFailed + " " + heading
	}
	l.begin(wrapped(heading, l.width, record.Heading))

	for i, p := range section.Parts(l.width) {
		at := part{from: len(l.lines), names: p.Names, inRow: len(l.lines)}
		if p.First {
			at.inRow += len(p.Names)
		}
		if i == 0 {
			at.from = l.headings[len(l.headings)-1]
			l.parts = l.parts[:len(l.parts)-1]
		}
		l.parts = append(l.parts, at)
		l.lines = append(l.lines, p.Lines...)
	}
}

// page returns the page of h lines that begins with a line: the names of the columns, if that line is in a table whose
// names are above it, and the line after the last one of the page.
func (l layout) page(from, h int) (names []record.Line, last int) {
	top := from
	if l.lines[top] == (record.Line{}) { // between two parts
		top = min(top+1, len(l.lines)-1)
	}
	if p := l.at(top); top >= p.inRow && len(p.names) < h/2 {
		names = p.names
	}
	last = min(len(l.lines), from+h-len(names))
	if last < len(l.lines) {
		if p := l.at(last); p.from > from {
			last = p.from
		}
	}
	return names, last
}

// at returns the part that has a line.
func (l layout) at(line int) part {
	return l.parts[max(0, l.partsBefore(line+1)-1)]
}

// partsBefore returns how many parts begin before a line.
func (l layout) partsBefore(line int) int {
	n, _ := slices.BinarySearchFunc(l.parts, line, func(p part, line int) int { return cmp.Compare(p.from, line) })
	return n
}

// lastPage returns the first line of the last page. It begins a part, unless the last part is longer than a page.
func (l layout) lastPage(h int) int {
	from := max(0, len(l.lines)-h)
	for from < len(l.lines)-1 {
		if _, last := l.page(from, h); last == len(l.lines) {
			break
		}
		from++
	}

	return l.begins(from)
}

// pageBefore returns the first line of the page that ends before a line. It begins a part, unless that is longer than a
// page.
func (l layout) pageBefore(line, h int) int {
	reaches := func(from int) bool {
		_, last := l.page(from, h)
		return last >= line
	}
	first := max(0, line-h)
	for from := l.begins(first); from < line; from = l.begins(from + 1) {
		if reaches(from) {
			return from
		}
	}
	for first < line-1 && !reaches(first) {
		first++
	}
	return first
}

// begins returns the line that begins the first part at or after a line, or the line if there is none.
func (l layout) begins(line int) int {
	if n := l.partsBefore(line); n < len(l.parts) {
		return l.parts[n].from
	}
	return line
}

// wrapped returns a text in lines of a kind.
func wrapped(words string, w int, kind record.Kind) []record.Line {
	section := record.Section{State: record.Filled, Blocks: []record.Block{record.Paragraph{Text: words}}}
	lines := section.Lines(w)
	for i := range lines {
		lines[i].Kind = kind
	}
	return lines
}
