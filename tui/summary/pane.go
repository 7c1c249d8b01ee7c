package summary

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	record "wardlight/internal/summary"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// linesPage is the number of lines that linear mode says at once.
const linesPage = 20

// Pane is the screen with a summary, or with why there is none.
type Pane struct {
	*step.Common
	step.Unfocused
	Subject
	summary  client.Summary
	unfolded bool // the sections that are not leading are shown, too

	laid layout // the list at its last width
	step.Scroller
	fits   int // number of lines that fit
	listed int // in linear mode: first line of the page
}

// NewPane returns the screen of a summary.
func NewPane(c *step.Common, patient Subject, s client.Summary) *Pane {
	return &Pane{Common: c, Subject: patient, summary: s}
}

// Summary returns the summary on the screen, and whether there is one to show.
func (s *Pane) Summary() (client.Summary, bool) { return s.summary, s.available() }

// Place returns the step that the screen belongs to.
func (s *Pane) Place() draw.Place { return draw.AtPatient }

// Undivided marks a screen that uses the whole width.
func (s *Pane) Undivided() {}

// Wipe clears the summary.
func (s *Pane) Wipe() {
	clear(s.laid.lines)
	clear(s.summary.Document.Sections)
	clear(s.summary.Document.About)
	*s = Pane{Common: s.Common, Subject: s.Subject}
}

// available reports whether there is a summary to show.
func (s *Pane) available() bool { return s.summary.State == client.SummaryAvailable }

// Failing reports whether the screen shows a failure, with a code for support.
func (s *Pane) Failing() bool {
	return s.summary.Err != nil || s.summary.State == client.SummaryCouldNotCheck
}

// Commands returns the main and the minor commands of the screen.
func (s *Pane) Commands() (main, minor []act.Command) {
	back := step.Command(s.Keys.Esc, step.Effect(step.Back{}))
	if !s.available() {
		return []act.Command{back}, nil
	}

	fold := wordUnfold
	if s.unfolded {
		fold = wordFold
	}
	total := len(s.laid.lines)
	main = append([]act.Command{
		step.Command(step.As(s.Keys.Next, wordNextSection), func() step.Action { s.toHeading(1); return nil }),
	}, s.Updown(step.WordScroll, true, s.Scroll)...)
	main = append(main, back, step.Command(step.As(s.Keys.Enter, fold), func() step.Action { s.fold(); return nil }))

	main = append(main, step.Command(step.When(s.Keys.Print, s.PrintsSummaries), step.Effect(Print{})))
	minor = append(s.Paging(true, s.Shown, s.page), s.ToEnds(true, total, func(row int) { s.From = row })...)
	return main, append(minor, step.Command(step.As(s.Keys.Prev, wordPrevSection), func() step.Action {
		s.toHeading(-1)
		return nil
	}))
}

// fold folds the sections that are not leading, or unfolds all. The section at the top stays there.
func (s *Pane) fold() {
	at := 0
	for i, h := range s.laid.headings {
		if h <= s.From {
			at = i
		}
	}
	s.unfolded = !s.unfolded
	if headings := s.list(s.laid.width).headings; at > 0 {
		s.From = headings[at]
	}
}

// page scrolls by n lines, and linear mode to the page after or before.
func (s *Pane) page(n int) {
	if s.From += n; n < 0 {
		s.From = s.laid.pageBefore(s.From-n, s.fits)
	}

	switch after := s.listed + linesPage; {
	case n < 0:
		s.listed = max(0, s.listed-linesPage)
	case after < len(s.linear()):
		s.listed = after
	}
}

// toHeading scrolls to the next heading, or with -1 to the one before.
func (s *Pane) toHeading(direction int) {
	to := s.From
	for _, h := range s.laid.headings {
		switch {
		case direction > 0 && h > s.From:
			s.From = h
			return
		case direction < 0 && h < s.From:
			to = h
		}
	}
	s.From = to
}

// head returns the date, the author, the disclaimer and the notices of the summary, without its sections.
func (s *Pane) head(w int) []record.Line {
	only := s.summary.Document
	only.About, only.Sections = nil, nil
	return only.Lines(w, s.Location)
}

// list returns the sections for a width. It is laid out once for each width.
func (s *Pane) list(w int) layout {
	if s.laid.width != w || s.laid.unfolded != s.unfolded || s.laid.lines == nil {
		s.laid = layOut(s.summary.Document, w, s.unfolded)
	}
	return s.laid
}

// View returns the body of the screen.
func (s *Pane) View(l draw.Layout) draw.Pane {
	w := l.Body.W - 4
	if !s.available() {
		box := s.Styles.Focus(titleSummary, step.Padded(s.why(w-2)), l.Body.W, 0)
		return draw.Stack(draw.Gap(1), box)
	}

	head := s.styled(s.head(w))
	list := s.list(w)
	h := max(1, l.Body.H-2-len(head.Lines)-2) // without the borders, the rule and the line about the position
	s.fits = h
	s.From = max(0, min(s.From, list.lastPage(h)))
	names, last := list.page(s.From, h)
	s.Shown = max(1, last-s.From)

	head = draw.Stack(head, s.styled(names))
	body := s.styled(list.lines[s.From:last])
	body.Cursor = &tea.Position{}
	position := draw.Paragraph(s.Styles.Strong, step.WordsLines(s.From+1, last, len(list.lines),
		s.Keys.PageDown.Help().Key), w)
	inner := draw.Stack(head, draw.Lines(s.Styles.Line.Render(strings.Repeat("─", w))), body.AtLeast(h-len(names), w),
		position)
	return s.Styles.Focus(titleSummary, inner, l.Body.W, 0).Fit(l.Body.W, l.Body.H)
}

// styled returns lines with their styles.
func (s *Pane) styled(lines []record.Line) draw.Pane {
	var out draw.Pane
	for _, line := range lines {
		st := s.Styles.Plain
		switch line.Kind {
		case record.Heading:
			st = s.Styles.Strong
		case record.Columns:
			st = s.Styles.Label
		case record.Plain, record.Notice:
		}
		out.Lines = append(out.Lines, st.Render(line.Text))
	}
	return out
}

// why returns why there is no summary. Its sign is that of "could not check" for every reason, because none of them
// says that there are no allergies.
func (s *Pane) why(w int) draw.Pane {
	state := draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+s.summary.State.String(), w)
	if s.summary.Err == nil {
		return state
	}
	sentence, advice, code := step.Explain(s.summary.Err)
	return draw.Stack(state, draw.Gap(1), draw.Paragraph(s.Styles.Plain, sentence+" "+advice, w),
		draw.Paragraph(s.Styles.Label, step.WordsCode(code), w))
}

// linear returns all lines of the sections for linear mode. Nothing is folded.
func (s *Pane) linear() []string {
	var out []string
	for _, all := range [][]record.Section{s.summary.Document.Sections, s.summary.Document.About} {
		for _, section := range all {
			out = append(out, step.Sentence(section.Heading()))
			out = append(out, section.Linear()...)
		}
	}
	return out
}

// InLines returns the screen for linear mode: the patient, the head, and a page of lines.
func (s *Pane) InLines() []string {
	out := s.Who()
	if !s.available() {
		return append(out, step.Sentences(s.why(step.Unbounded))...)
	}
	for _, line := range s.head(step.Unbounded) {
		out = append(out, line.Text)
	}

	all := s.linear()
	last := min(s.listed+linesPage, len(all))
	out = append(out, step.WordsLines(s.listed+1, last, len(all), ""))
	out = append(out, all[s.listed:last]...)
	if last < len(all) {
		out = append(out, wordPlainMore)
	}
	return out
}
