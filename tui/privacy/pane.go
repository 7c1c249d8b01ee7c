package privacy

import (
	"strconv"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Sizes in cells.
const (
	whenColumn    = 17
	numberColumn  = 12
	unusualColumn = 18
	minList       = 5  // minimum number of lines of the list
	wideTable     = 68 // width from which the report of all enquiries has a column of patients
	maxListed     = 8  // NHS numbers of an access; linear mode and the commands have all
)

// View returns the body of the screen.
func (s *Result) View(l draw.Layout) draw.Pane {
	w, avail := l.Body.W-4, l.Body.H-2
	head := s.head(w)
	var full draw.Pane
	if s.rows() > 0 {
		full = draw.Stack(draw.Gap(1), s.inFull(s.chosen, w))
	}
	h := max(minList, avail-len(head.Lines)-len(full.Lines))
	list := s.list(w, h)
	box := s.Styles.Focus(wordsSubject(s.report.Query), draw.Stack(head, list, full), l.Body.W, 0)
	return box.Fit(l.Body.W, l.Body.H)
}

// head returns the period, when the report was made, and what it can't show.
func (s *Result) head(w int) draw.Pane {
	out := draw.Stack(draw.Paragraph(s.Styles.Label, s.made(), w),
		draw.Paragraph(s.Styles.Label, accessreport.Attendance(s.report.Attendance, s.Location), w))
	for _, notice := range accessreport.Notices(s.report, s.Location) {
		out = draw.Stack(out, draw.Paragraph(s.Styles.Warn, notice, w))
	}
	return out
}

// made returns the period and the organisation of the report, and when it was made.
func (s *Result) made() string {
	return wordsPeriod(s.report.Query) + ", " + s.report.Organisation + ", made " +
		nhs.Instant(s.report.Made, s.Location)
}

// The list has, of each of its two parts, a heading, the titles of the columns, and the rows. A part without rows has
// only the heading, and the part of accesses a sentence.

// lineOf returns the line of a row in the list.
func (s *Result) lineOf(row int) int {
	if row < len(s.report.Unusual) {
		return row + 2
	}
	return s.accessesAt() + 2 + row - len(s.report.Unusual)
}

// accessesAt returns the line of the heading of the accesses.
func (s *Result) accessesAt() int {
	if n := len(s.report.Unusual); n > 0 {
		return n + 2
	}
	return 1
}

// list returns the lines of the list around the chosen row, as many as fit into h.
func (s *Result) list(w, h int) draw.Pane {
	total, chosen := s.accessesAt()+2, 0
	if n := s.rows(); n > 0 {
		chosen = s.lineOf(s.chosen)
		total = max(total, s.lineOf(n-1)+1)
	}

	first, last := s.window(total, chosen, h)
	var out draw.Pane
	for i := first; i < last; i++ {
		out = draw.Stack(out, s.line(i, w))
	}
	return out
}

// line returns a line of the list.
func (s *Result) line(i, w int) draw.Pane {
	at, found := s.accessesAt(), len(s.report.Unusual)
	switch {
	case i == 0:
		st := s.Styles.Strong
		if found > 0 {
			st = s.Styles.Warn
		}
		return draw.Lines(st.Render(wordsUnusual(found)))
	case i == at:
		return draw.Lines(s.Styles.Strong.Render(wordsAccesses(len(s.report.Accesses))))
	case i == 1:
		widths, titles := s.findingColumns(w)
		return draw.Lines("  " + s.Styles.Label.Render(draw.Columns(widths, titles...)))
	case i < at:
		widths, _ := s.findingColumns(w)
		f := s.report.Unusual[i-2]
		return s.row(s.Styles, i-2, draw.Columns(widths, accessreport.Short(f.Kind), accessreport.Name(f.Person),
			accessreport.Patient(f), strconv.Itoa(f.Count)))
	case len(s.report.Accesses) == 0:
		return draw.Lines("  " + wordNothing)
	case i == at+1:
		widths, titles := s.accessColumns(w)
		return draw.Lines("  " + s.Styles.Label.Render(draw.Columns(widths, titles...)))
	default:
		widths, titles := s.accessColumns(w)
		x := s.report.Accesses[i-at-2]
		var cells []string
		for _, title := range titles {
			cells = append(cells, s.cell(title, x))
		}
		return s.row(s.Styles, found+i-at-2, draw.Columns(widths, cells...))
	}
}

// findingColumns returns the widths and titles of the columns of the unusual accesses.
func (s *Result) findingColumns(w int) (widths []int, titles []string) {
	person := w - 2 - unusualColumn - numberColumn - len(wordCount) - 3*draw.ColumnGap
	return []int{unusualColumn, max(8, person), numberColumn, len(wordCount)},
		[]string{wordUnusual, wordWho, step.WordNHSNo, wordCount}
}

// accessColumns returns the widths and titles of the columns of the accesses. A column that would be the same in all
// rows is left out.
func (s *Result) accessColumns(w int) (widths []int, titles []string) {
	widths, titles = []int{whenColumn}, []string{wordWhen}
	rest := w - 2 - whenColumn - draw.ColumnGap
	patients := s.report.Query.Kind == client.UserAccess ||
		s.report.Query.Kind == client.PatientEnquiries && w >= wideTable
	if patients {
		rest -= numberColumn + draw.ColumnGap
	}

	if s.report.Query.Kind != client.UserAccess {
		person := (rest - draw.ColumnGap) * 45 / 100
		widths, titles = append(widths, person), append(titles, wordWho)
		rest -= person + draw.ColumnGap
	}

	widths, titles = append(widths, rest), append(titles, wordAction)
	if patients {
		widths, titles = append(widths, numberColumn), append(titles, wordPatients)
	}
	return widths, titles
}

// cell returns the text of a column. An action that was not granted begins with its outcome.
func (s *Result) cell(title string, x client.ReportedAccess) string {
	switch title {
	case wordWhen:
		return nhs.Instant(x.When, s.Location)
	case wordWho:
		return accessreport.Name(x.Person)
	case wordPatients:
		return wordsPatients(x)
	default:
		if x.Outcome != client.OutcomeGranted {
			return x.Outcome + ": " + x.Action
		}
		return x.Action
	}
}

// inFull returns a row without truncation, except for a long list of patients.
func (s *Result) inFull(row, w int) draw.Pane {
	facts := s.facts(row)
	for at, f := range facts {
		if i := row - len(s.report.Unusual); i >= 0 && f.Label == wordPatients {
			if numbers := s.report.Accesses[i].Patients; len(numbers) > maxListed {
				facts[at].Value = wordsFirst(numbers, maxListed)
			}
		}
	}
	return entries(s.Styles, facts, w)
}
