package find

import (
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Results is the list of patients that a search found, in the hub's order and without scores (PDS conformance). It has
// no banner, because it is about several patients.
type Results struct {
	*step.Common
	step.Unfocused
	searched string // description of the search
	Rows     []client.Patient
	chosen   int
	from     int // first row shown
	shown    int // number of rows that fit, for paging
}

// NewResults returns a list of patients. searched describes the search.
func NewResults(c *step.Common, searched string, rows []client.Patient) *Results {
	return &Results{Common: c, searched: searched, Rows: rows, shown: 1}
}

// Place returns the step that the screen belongs to.
func (s *Results) Place() draw.Place { return draw.AtResults }

// Digest returns the length of the list and the number of the chosen row, without names.
func (s *Results) Digest(w int) draw.Pane {
	return draw.Paragraph(s.Styles.Plain, wordsListed(len(s.Rows), s.chosen), w)
}

// Wipe clears all data that was typed or shown.
func (s *Results) Wipe() { clear(s.Rows); s.Rows, s.searched = nil, "" }

// Choices returns a command for each patient. In a list of several they have the key delay, so that none is chosen by
// accident when the list appears.
func (s *Results) Choices() []act.Command {
	all := make([]act.Command, len(s.Rows))
	for i, r := range s.Rows {
		all[i] = act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: func() step.Action {
			s.chosen = i
			return step.Retrieve{Number: r.Number}
		}}
		if len(s.Rows) > 1 {
			all[i] = s.Delayed(all[i], time.Time{})
		}
	}
	return all
}

// Commands returns the main and the minor commands of the screen.
func (s *Results) Commands() (main, minor []act.Command) {
	several := len(s.Rows) > 1
	main = append([]act.Command{step.ChosenBy(step.As(s.Keys.Enter, wordThisPatient), s.Choices()[s.chosen])},
		s.Updown(step.WordMove, several, s.move)...)
	main = append(main, step.Command(step.As(s.Keys.Esc, wordBackToSearch), step.Effect(step.Back{})))
	minor = append(s.Paging(several, s.shown, s.move), s.ToEnds(several, len(s.Rows), func(row int) {
		s.chosen = row
	})...)
	return main, minor
}

// move moves the selection by n rows.
func (s *Results) move(n int) { s.chosen = max(0, min(s.chosen+n, len(s.Rows)-1)) }

// wideTable is the width from which all columns of the table are shown.
const wideTable = 68

// column is a column of the table. The first, the name, gets the width that the others leave.
type column struct {
	title string
	width int
	cell  func(client.Patient) string
}

// columns returns the columns that fit into w cells. In a narrow table gender and postcode are left out.
func (s *Results) columns(w int) []column {
	gender := text.Width(wordGender)
	for _, r := range s.Rows {
		gender = max(gender, text.Width(r.Gender.Display()))
	}

	all := []column{
		{step.WordName, 0, nil},
		{step.WordBorn, 11, func(p client.Patient) string { return p.Born.String() }},
		{wordGender, gender, func(p client.Patient) string { return p.Gender.Display() }},
		{step.WordNumber, 12, func(p client.Patient) string { return p.Number.String() }},
		{wordPostcode, 8, rowPostcode},
	}

	if w < wideTable {
		all = []column{all[0], all[1], all[3]}
	}

	name := w
	for _, c := range all[1:] {
		name -= c.width + draw.ColumnGap
	}

	all[0].width = max(12, min(name, step.MaxNameWidth))
	return all
}

// rowPostcode returns the postcode of a row, a word if it is withheld, or a sign if there is none.
func rowPostcode(p client.Patient) string {
	switch {
	case p.Restricted:
		return step.WordWithheld
	case p.Postcode == "":
		return draw.SignNone
	default:
		return nhs.DisplayPostcode(p.Postcode)
	}
}

// View returns the body of the screen.
func (s *Results) View(l draw.Layout) draw.Pane {
	w := l.Body.W - 4
	cols := s.columns(w - 2)
	widths, titles := make([]int, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		widths[i], titles[i] = c.width, c.title
	}

	head := "  " + s.Styles.Label.Render(draw.Columns(widths, titles...))
	avail := l.Body.H - 7
	if l.Wide {
		avail = l.Body.H - 3
	}

	// A long name is never truncated but wrapped, so rows have different heights.
	heights := make([]int, len(s.Rows))
	for i, r := range s.Rows {
		heights[i] = len(text.Wrap(rowName(r), widths[0])) + len(s.caution(r, w).Lines)
	}

	s.from = min(s.from, s.chosen)
	for sum(heights[s.from:s.chosen+1]) > avail && s.from < s.chosen {
		s.from++
	}

	var table draw.Pane
	s.shown = 0
	for i := s.from; i < len(s.Rows) && len(table.Lines)+heights[i] <= avail; i++ {
		table = draw.Stack(table, s.row(i, cols, widths), s.caution(s.Rows[i], w))
		s.shown++
	}

	s.shown = max(s.shown, 1)
	found := wordsFound(len(s.Rows), s.from, s.shown)
	if l.Wide { // the pane beside it shows what was searched for
		return s.Styles.Focus(found, draw.Stack(draw.Lines(head), table), l.Body.W, l.Body.H)
	}

	return draw.Stack(draw.Gap(1),
		draw.Paragraph(s.Styles.Label, s.searched, l.Body.W-4).Indent(2), draw.Gap(1),
		s.Styles.Focus(found, draw.Stack(draw.Lines(head), table), l.Body.W, 0))
}

// row returns the row of a patient.
func (s *Results) row(i int, cols []column, widths []int) draw.Pane {
	r := s.Rows[i]
	mark, st := "  ", s.Styles.Plain
	if i == s.chosen {
		mark, st = draw.SignChosen+" ", s.Styles.Chosen
	}
	var p draw.Pane
	for j, part := range text.Wrap(rowName(r), widths[0]) {
		cells := make([]string, len(cols))
		cells[0] = part
		for k := 1; k < len(cols) && j == 0; k++ {
			cells[k] = cols[k].cell(r)
		}
		p.Lines = append(p.Lines, mark+draw.MarkedColumns(st, widths, cells...))
		mark = "  "
	}
	if i == s.chosen {
		p.Cursor = &tea.Position{X: 1}
	}
	return p
}

// caution returns the warning below a row whose match is only partial, or nothing.
func (s *Results) caution(p client.Patient, w int) draw.Pane {
	if p.Caution() == "" {
		return draw.Pane{}
	}
	return draw.Paragraph(s.Styles.Warn, p.Caution(), w-4).Indent(4)
}

// rowName returns the name in a row, with a word if the patient has died.
func rowName(p client.Patient) string {
	if p.Died.IsZero() {
		return p.DisplayName()
	}
	return p.DisplayName() + " – " + step.WordDied
}

func sum(ns []int) int {
	t := 0
	for _, n := range ns {
		t += n
	}
	return t
}
