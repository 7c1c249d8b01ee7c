package summary

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// Kind is what a line of a layout is, for its style.
type Kind int

// The kinds of lines.
const (
	Plain   Kind = iota
	Heading      // of a section, or within it
	Columns      // the names of a table's columns
	Notice       // a sentence of this program about the record
)

// Line is a line of a layout.
type Line struct {
	Text string
	Kind Kind
}

// The measures of the layout, in cells.
const (
	columnGap  = 2
	textIndent = 2 // of further lines of a cell
	wrapIndent = 4 // of lines that continue
	minWidth   = 12
)

// cellGap is between two cells of a row that are on one line. A cell whose text could have such a gap has its own line.
const cellGap = "   "

// isWideBlank reports whether c is white space that is not reduced to one space.
func isWideBlank(c rune) bool { return c != ' ' && unicode.IsSpace(c) }

const (
	wordNoRows   = "The table has no rows."
	wordBlankRow = "(blank row)"
)

// Lines returns the summary for a pane width cells wide: its date, author and disclaimer, and all sections. loc is the
// time zone for the date.
func (s Summary) Lines(width int, loc *time.Location) []Line {
	var out []Line
	for _, h := range s.Head(loc) {
		out = append(out, wrap(h, width, 0, 0, Notice)...)
	}
	// Allergies are before what the record says about itself.
	for _, section := range slices.Concat(s.Sections, s.About) {
		out = append(out, Line{})
		out = append(out, wrap(section.Heading(), width, 0, textIndent, Heading)...)
		out = append(out, section.Lines(width)...)
	}
	return out
}

// Linear returns the summary as lines of any width, for linear mode. Each row of a table is one line.
func (s Summary) Linear(loc *time.Location) []string {
	out := s.Head(loc)
	for _, section := range slices.Concat(s.Sections, s.About) {
		out = append(out, sentence(spoken(section.Heading())))
		out = append(out, section.Linear()...)
	}
	return out
}

// Head returns the sentences before the sections: the date, the author, the disclaimer and the notices. loc is the time
// zone for the date.
func (s Summary) Head(loc *time.Location) []string {
	if s.State != Available {
		return []string{s.State.String()}
	}
	written := s.Date.String()
	if !s.Written.IsZero() {
		written = nhs.Instant(s.Written, loc)
	}
	author := s.Author
	if author == "" {
		author = nhs.NotKnown
	}
	out := []string{"Summary Care Record of " + written + ".", "Author: " + author + ".", Disclaimer}
	return append(out, s.Notices...)
}

// Lines returns the section without its heading for a pane width cells wide. No word is left out: what is wider than
// the pane continues on the next line.
func (s Section) Lines(width int) []Line {
	var out []Line
	for _, p := range s.Parts(width) {
		out = append(out, p.Lines...)
	}
	return out
}

// Linear returns the section without its heading as lines of any width. Each row of a table is one line, with the names
// of its columns.
func (s Section) Linear() []string {
	out := s.notices()
	for _, b := range s.Blocks {
		out = append(out, b.linear()...)
	}
	return out
}

// notices returns what this program says about the section.
func (s Section) notices() []string {
	var out []string
	if statement := s.Statement(); statement != "" {
		out = append(out, sentence(statement))
	}
	for _, n := range s.Notices {
		out = append(out, sentence(n))
	}
	return out
}

func (p Paragraph) parts(width int) []Part {
	kind := Plain
	if p.Strong {
		kind = Heading
	}
	return []Part{{Lines: wrap(p.Text, width, 0, textIndent, kind)}}
}

func (p Paragraph) linear() []string { return []string{sentence(spoken(p.Text))} }

// String returns the words that are shown for a picture.
func (p Picture) String() string {
	if p.Alt == "" {
		return "picture without a description"
	}
	return "picture: " + p.Alt
}

func (p Picture) parts(width int) []Part {
	return []Part{{Lines: wrap("["+p.String()+"]", width, 0, textIndent, Plain)}}
}
func (p Picture) linear() []string { return []string{sentence(spoken(p.String()))} }

// allNames returns the names of the columns in one line.
func (t Table) allNames() string {
	var names []string
	for _, n := range t.Columns {
		if n != "" {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// namesAlone returns the names of the columns if no row has them.
func (t Table) namesAlone(width int) []Line {
	if !t.hasNames() || slices.ContainsFunc(t.Rows, Row.inColumns) {
		return nil
	}
	return wrap(t.allNames(), width, 0, textIndent, Columns)
}

// inColumns reports whether the row has a cell that is not for the row as a whole.
func (r Row) inColumns() bool { return slices.ContainsFunc(r, func(c Cell) bool { return c.Span > 0 }) }

// stacked returns a row as lines with the name of the column before the text of each cell. Cells of one line share a
// line while it is wide enough, so that more rows are on a small screen.
func (t Table) stacked(row Row, width int) []Line {
	var out []Line
	joined := "" // cells for one line
	flush := func() {
		if joined != "" {
			out, joined = append(out, wrap(joined, width, 0, wrapIndent, Plain)...), ""
		}
	}

	for _, c := range row {
		name := t.Name(c)
		if name != "" && len(c.Text) == 1 && !strings.ContainsFunc(name+c.Text[0], isWideBlank) {
			words := name + ": " + c.Text[0]
			if joined != "" && text.Width(joined+cellGap+words) <= width {
				joined += cellGap + words
				continue
			}
			flush()
			joined = words
			continue
		}

		flush()
		for j, l := range c.Text {
			indent := textIndent
			if name != "" && j == 0 {
				l, indent = name+": "+l, 0
			} else if j == 0 {
				indent = 0
			}
			out = append(out, wrap(l, width, indent, wrapIndent, Plain)...)
		}
	}
	flush()

	if blank := t.blank(row); blank != "" {
		out = append(out, wrap("Blank: "+blank, width, 0, wrapIndent, Plain)...)
	} else if len(out) == 0 {
		out = append(out, Line{Text: wordBlankRow})
	}
	return out
}

// blank returns the names of the columns in which the row has no text, unless the row is only text for all columns.
func (t Table) blank(row Row) string {
	var names []string
	column := 0 // the next one that no cell has
	add := func(from, to int) {
		for i := from; i < min(to, len(t.Columns)); i++ {
			if n := t.Columns[i]; n != "" {
				names = append(names, n)
			}
		}
	}

	for _, c := range row {
		if c.Span == 0 {
			continue
		}
		add(column, c.Column)
		column = c.Column + c.Span
		if len(c.Text) == 0 {
			add(c.Column, column)
		}
	}
	if column > 0 {
		add(column, len(t.Columns))
	}

	return strings.Join(names, ", ")
}

// linear returns each row as a line.
func (t Table) linear() []string {
	var out []string
	for _, l := range t.Caption {
		out = append(out, sentence(spoken(l)))
	}
	names := spoken(t.allNames())
	switch {
	case len(t.Rows) == 0 && names == "":
		return append(out, wordNoRows)
	case len(t.Rows) == 0:
		return append(out, "Columns: "+names+". "+wordNoRows)
	case names != "":
		out = append(out, tableOf(len(t.Rows))+" Columns: "+names+".")
	default:
		out = append(out, tableOf(len(t.Rows)))
	}

	for i, row := range t.Rows {
		out = append(out, rowOf(i+1)+spoken(t.record(row)))
	}
	return out
}

// flat returns a nested table as lines of the cell around it.
func (t Table) flat() []string {
	out := slices.Clone(t.Caption)
	for _, l := range t.namesAlone(maxText) {
		out = append(out, l.Text)
	}
	if len(t.Rows) == 0 {
		out = append(out, wordNoRows)
	}
	for _, row := range t.Rows {
		out = append(out, t.record(row))
	}
	return out
}

// record returns a row as sentences, one for each cell: the name of the column and the text.
func (t Table) record(row Row) string {
	var cells []string
	for _, c := range row {
		if len(c.Text) == 0 {
			continue
		}
		words := c.Text[0]
		for _, l := range c.Text[1:] {
			if sentence(words) != words {
				words += ";"
			}
			words += " " + l
		}
		if name := t.Name(c); name != "" {
			words = name + ": " + words
		}
		cells = append(cells, sentence(words))
	}
	if blank := t.blank(row); blank != "" {
		cells = append(cells, sentence("Blank: "+blank))
	}
	if len(cells) == 0 {
		return wordBlankRow
	}
	return strings.Join(cells, " ")
}

// bound matches the spaces that must not be the end of a line: between a number and its unit, between a sign and its
// number, and in a number of thousands.
var bound = []*regexp.Regexp{
	regexp.MustCompile(`([0-9]) ([\pL%°])`), regexp.MustCompile(`([<>=≤≥±~+−-]) ([0-9])`),
	regexp.MustCompile(`([0-9]) ([0-9]{3}\b)`),
}

// Characters at which text.Wrap does not break lines.
const (
	noBreakSpace  = "\u00a0"
	noBreakHyphen = "\u2011"
)

// wrap breaks s into lines of at most width cells. The first is indented by indent cells, the others by more. It does
// not break at a hyphen or between a number and its unit: 5-10 mg must not be read as 10 mg.
func wrap(s string, width, indent, more int, kind Kind) []Line {
	width = max(width, minWidth)
	if text.Width(s) <= width-indent {
		return []Line{{Text: strings.TrimRight(strings.Repeat(" ", indent)+spoken(s), " "), Kind: kind}}
	}

	for _, b := range bound {
		s = b.ReplaceAllString(s, "$1"+noBreakSpace+"$2")
	}
	hyphens := !strings.Contains(s, noBreakHyphen)
	if hyphens {
		s = strings.ReplaceAll(s, "-", noBreakHyphen)
	}
	wrapped := text.Wrap(s, width-max(indent, more))
	out := make([]Line, len(wrapped))

	for i, l := range wrapped {
		n := more
		if i == 0 {
			n = indent
		}
		if hyphens {
			l = strings.ReplaceAll(l, noBreakHyphen, "-")
		}
		out[i] = Line{Text: strings.TrimRight(strings.Repeat(" ", n)+spoken(l), " "), Kind: kind}
	}
	return out
}

// spoken returns s with ordinary spaces instead of those that do not break lines.
func spoken(s string) string { return strings.ReplaceAll(s, noBreakSpace, " ") }

// sentence returns s with a full stop, unless it ends with a punctuation mark that ends a sentence.
func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:;") {
		return s
	}
	return s + "."
}
