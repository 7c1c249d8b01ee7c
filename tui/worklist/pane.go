package worklist

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/internal/worklist"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// View returns the body of the screen.
func (s *Screen) View(l draw.Layout) draw.Pane {
	if s.Part == ListForm || s.Part == askReplace || s.Part == askFile {
		return s.form(l)
	}
	return s.table(l)
}

// form returns the question which list to check: the saved one, or a file.
func (s *Screen) form(l draw.Layout) draw.Pane {
	w := min(l.Body.W, step.MaxFormWidth)
	in := w - 6
	rows := []draw.Pane{draw.Paragraph(s.Styles.Plain, wordListMeans, in), draw.Gap(1)}
	switch {
	case s.Part == askFile && s.State.Writing.Pending():
		rows = []draw.Pane{draw.Lines(s.Styles.Strong.Render(wordWritingTable))}
	case s.Part == askFile:
		rows = []draw.Pane{draw.Paragraph(s.Styles.Plain, wordSaveMeans, in), draw.Gap(1), s.pathRow(wordSaveHint, in)}
	case s.Part == askReplace:
		rows = append(rows, draw.Paragraph(s.Styles.Warn, wordsReplaceAsk(s.tally), in))
		return draw.Stack(draw.Gap(1), s.Styles.Focus(titleWorklist, step.Padded(draw.Stack(rows...)), w, 0))
	case s.State.Looking.Pending():
		rows = append(rows, draw.Lines(s.Styles.Strong.Render(wordLookingForSaved)))
	case s.State.Reading.Pending():
		rows = append(rows, draw.Lines(s.Styles.Strong.Render(wordReadingList)))
	default:
		if k := s.State.Saved; k != nil {
			rows = append(rows, s.savedRow(k, in), draw.Gap(1))
		}
		rows = append(rows, s.pathRow(wordListFileHint, in))
	}

	return draw.Stack(draw.Gap(1), s.Styles.Focus(titleWorklist, step.Padded(draw.Stack(rows...)), w, 0),
		s.whyNone(w-4).Indent(2))
}

// savedRow returns the offer of the saved list.
func (s *Screen) savedRow(k *worklist.SavedList, w int) draw.Pane {
	mark, st := "  ", s.Styles.Plain
	if s.OnSaved {
		mark, st = s.Styles.Keycap.Render(draw.SignChosen)+" ", s.Styles.Chosen
	}
	words := draw.Paragraph(st, wordsSavedList(nhs.Instant(k.ReadAt, s.Location), k.Tally(s.person)),
		w-draw.LabelWidth-2)
	if k.Person != s.person {
		words = draw.Stack(words, draw.Paragraph(s.Styles.Label, wordSavedHidden, w-draw.LabelWidth-2))
	}
	p := draw.Beside(draw.Lines(s.Styles.Label.Render(text.Pad(wordSavedList, draw.LabelWidth))+mark), draw.LabelWidth+
		2, 0, words)
	if s.OnSaved {
		p.Cursor = &tea.Position{X: draw.LabelWidth}
	}
	return p
}

// pathRow returns the field for the file name, with an error or a hint below it.
func (s *Screen) pathRow(hint string, w int) draw.Pane {
	avail := w - draw.LabelWidth - 2
	value, cursor := s.Path.View(avail)
	mark, st := "  ", s.Styles.Label
	if s.Typing() {
		mark, st = s.Styles.Keycap.Render(draw.SignChosen)+" ", s.Styles.Strong
	}
	p := draw.Lines(st.Render(text.Pad(wordListFile, draw.LabelWidth)) + mark + s.Styles.Field.Render(value))
	if s.Typing() {
		p.Cursor = &tea.Position{X: draw.LabelWidth + 2 + cursor}
	}
	below := draw.Paragraph(s.Styles.Label, hint, avail)
	if s.problem != "" {
		below = draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+s.problem, avail)
	}
	return draw.Stack(p, below.Indent(draw.LabelWidth+2))
}

// whyNone returns the error why there is no list.
func (s *Screen) whyNone(w int) draw.Pane {
	if s.err == nil {
		return draw.Pane{}
	}
	return draw.Stack(draw.Gap(1), step.FaultPane(s.Styles, s.err, w))
}

// table returns the list, its progress, and the details of the marked row.
func (s *Screen) table(l draw.Layout) draw.Pane {
	w := l.Body.W
	list := s.State.List
	head := draw.Stack(s.progress(w-2), s.statusLine(w-2)).Indent(1)
	rows := list.Indexes(s.order)
	at := positionOf(rows, s.chosen())
	s.draws(rows, rows[at])
	full := s.details(rows[at], w-4).Indent(2)
	if s.Part == askRemoving {
		full = draw.Paragraph(s.Styles.Warn, WordRemoveAsk, w-4).Indent(2)
	}
	s.shown = max(1, l.Body.H-len(head.Lines)-len(full.Lines)-3)
	first, last := draw.Window(len(rows), at, s.from, s.shown)
	s.from = first
	widths, flags := s.widths(w-6), s.flagWidth(w-6)
	if flags > 0 {
		widths = append(s.widths(w-6-flags-draw.ColumnGap), flags)
	}
	titles := s.titles(len(widths), flags > 0)
	body := draw.Lines("  " + s.Styles.Label.Render(draw.Columns(widths, titles...)))
	for i := first; i < last; i++ {
		body = draw.Stack(body, s.row(rows[i], widths, flags > 0, i == at))
	}
	return draw.Stack(head, s.Styles.Focus(wordsListTitle(len(rows), first, last-first), body, w, s.shown+3), full)
}

// The minimum and maximum length of the progress bar, in cells.
const minBarLength, maxBarLength = 16, 40

// progress returns the progress bar and the counts of the states.
func (s *Screen) progress(w int) draw.Pane {
	t := s.State.List.Tally()
	words := " " + wordsProgress(t)
	tally := text.Truncate(t.Words(" · "), w)
	beside := w - text.Width(words) - text.Width(tally) - 5
	n := min(maxBarLength, beside)
	if beside < minBarLength {
		n = min(maxBarLength, w-text.Width(words)-2)
	}
	done := n * t.Finished() / max(1, t.All)
	bar := "[" + strings.Repeat("═", done) + strings.Repeat("·", n-done) + "]" + words
	if beside < minBarLength {
		return draw.Lines(bar, s.Styles.Strong.Render(tally))
	}
	return draw.Lines(bar + "   " + s.Styles.Strong.Render(tally))
}

// statusLine returns the state of the check, and where the list is saved.
func (s *Screen) statusLine(w int) draw.Pane {
	st := s.Styles.Label
	words, failing := s.condition()
	if failing {
		words, st = draw.SignFailed+" "+words, s.Styles.Warn
	}
	saved, lost := s.saveStatus()
	all := draw.Paragraph(st, words+" "+saved, w)
	if lost {
		all = draw.Stack(draw.Paragraph(st, words, w), draw.Paragraph(s.Styles.Warn, saved, w))
	}
	if s.saved != "" {
		all = draw.Stack(all, draw.Paragraph(s.Styles.Strong, wordsSaved(s.saved), w))
	}
	if read := wordsRead(s.State.From); read != "" {
		all = draw.Stack(all, draw.Paragraph(s.Styles.Warn, read, w))
	}
	return all
}

// condition returns the state of the check. failing reports whether it is not progressing.
func (s *Screen) condition() (words string, failing bool) {
	condition, why := s.State.List.Condition()
	switch condition {
	case worklist.Done:
		return wordsListDone(s.State.List.Tally()), false
	case worklist.Slowed:
		return wordHubWaits, false
	case worklist.HubDown:
		return why.Sentence + " (" + why.Code + ") " + WordStayHere, true
	case worklist.Stopped:
		return why.Sentence + " (" + why.Code + ") " + wordListStops + " " + why.Advice, true
	default:
		return wordListAsking, false
	}
}

// saveStatus returns where the list is saved, or "" if that is not known yet. lost reports whether it is only in memory
// and is lost when the session is locked.
func (s *Screen) saveStatus() (words string, lost bool) {
	switch {
	case s.State.SaveErr != nil:
		sentence, _, code := step.Explain(s.State.SaveErr)
		return wordOnlyMemory + " " + sentence + " (" + code + ")", true
	case !s.State.Started:
		return "", false
	default:
		return WordSavedSafe, false
	}
}

// The columns of the table: state, time, number, name, birth date. A narrow table has no birth date. The name gets the
// remaining width.
const (
	listStateWidth  = 17
	listAsOfWidth   = 12
	shortAsOfWidth  = 10 // a day, and the word that marks an old answer
	listNumberWidth = 12
	listBornWidth   = 11
	listBornFrom    = 90 // minimum width with birth dates, in cells
)

func (s *Screen) widths(w int) []int {
	widths := []int{listStateWidth, listAsOfWidth, listNumberWidth, 0}
	if w < 60 {
		widths[1] = shortAsOfWidth
	}
	if w >= listBornFrom {
		widths = append(widths, listBornWidth)
	}
	name := w
	for _, n := range widths {
		name -= n + draw.ColumnGap
	}
	widths[3] = max(6, min(name+draw.ColumnGap, step.MaxNameWidth))
	return widths
}

// titles returns the titles of n columns. If flags is set, the last is that of the flags.
func (s *Screen) titles(n int, flags bool) []string {
	if flags {
		return append(s.titles(n-1, false), wordFlags)
	}
	return []string{wordState, wordAsOfTitle, step.WordNumber, step.WordName, step.WordBorn}[:n]
}

// minFlagsWidth is the width of a table from which it has a column for the other flags, in cells. Below, only the
// details of the marked row show them.
const minFlagsWidth = 60

// flagWidth returns the width of the column of the other flags in a table of w cells, or 0 if there is none.
func (s *Screen) flagWidth(w int) int {
	if w < minFlagsWidth {
		return 0
	}
	for at := range s.State.List.Len() {
		if len(s.State.List.Answer(at).Flags.Noted()) > 0 {
			return text.Width(wordFlags)
		}
	}
	return 0
}

// flagSigns returns a sign for each flag that a row mentions. The details of the marked row have the words.
func flagSigns(a worklist.Answer) string {
	signs := ""
	for _, f := range a.Flags.Noted() {
		if f.State == client.Alert {
			signs += step.FlagSign(f.Kind)
		} else {
			signs += draw.SignFailed
		}
	}
	return signs
}

// why returns why a patient could not be checked, as sentences: the reason, the site's own procedure or other advice,
// and the code if support may need it.
func (s *Screen) why(a worklist.Answer) []string {
	if !a.Failed() {
		what, meaning := client.WordsUnchecked(client.Sensitive)
		return []string{what, meaning, s.Procedure.Words()}
	}
	why := []string{a.Why.Sentence, a.Why.Advice, step.Sentence(step.WordsCode(a.Why.Code))}
	if s.Procedure.IsSet() { // otherwise the advice refers to it
		why = append(why, s.Procedure.Words())
	}
	return why
}

// row returns the row of a patient. If flags is set, the last column is that of the flags.
func (s *Screen) row(at int, widths []int, flags, chosen bool) draw.Pane {
	p, a := s.State.List.Patient(at), s.State.List.Answer(at)
	asOf, number := "", p.Number.String()
	switch {
	case a.Known():
		asOf = s.shortTime(a)
	case s.State.List.Pending(at):
		asOf = wordAskingNow
	}

	if !p.HasNumber() {
		number = p.NumberText
	}

	cells := []string{asOf, number, p.Name, p.Born}
	if flags {
		cells = append(cells[:len(widths)-2], flagSigns(a))
	}
	cells = cells[:len(widths)-1]
	mark, st := "  ", s.Styles.Plain
	if chosen {
		mark, st = draw.SignChosen+" ", s.Styles.Chosen
	}

	state := step.StateWords(s.Styles, a.State)
	if a.State != client.Alert { // the band of an alert starts a cell before its sign
		state = " " + state
	}

	if s.opened(at) {
		state += " " + wordOpened
	}

	state += strings.Repeat(" ", max(0, listStateWidth+draw.ColumnGap-text.Width(state)))
	out := draw.Lines(mark + state + draw.Columns(widths[1:2], cells[0]) + strings.Repeat(" ", draw.ColumnGap) +
		draw.MarkedColumns(st, widths[2:], cells[1:]...))
	if chosen {
		out.Cursor = &tea.Position{X: 1}
	}

	return out
}

// opened reports whether the user has opened the alert of the patient at an index.
func (s *Screen) opened(at int) bool { return !s.State.List.OpenedAt(at).IsZero() }

// shortTime returns the time of an answer in short: the time if it is of today, and otherwise the day. An old answer is
// marked by a word.
func (s *Screen) shortTime(a worklist.Answer) string {
	at := a.AsOf.In(s.Location)
	words := at.Format("15:04")
	if nhs.DateOf(at) != nhs.DateOf(s.Now()) {
		words = at.Format("02-Jan")
	}
	if a.OlderThan(s.Now(), s.old) {
		words += " " + wordOld
	}
	return words
}

// details returns the details of a row.
func (s *Screen) details(at, w int) draw.Pane {
	p, a := s.State.List.Patient(at), s.State.List.Answer(at)
	who := wordsLine(p.Line)
	if p.Name != "" || p.Born != "" {
		who = strings.TrimSpace(p.Name+" "+p.Born) + ". " + who
	}

	parts := []draw.Pane{draw.Paragraph(s.Styles.Plain, who, w)}
	if notes := worklist.Notes(p, a); len(notes) > 0 {
		parts = append(parts, draw.Paragraph(s.Styles.Warn, strings.Join(notes, " "), w))
	}

	switch {
	case !p.HasNumber():
		parts = append(parts, draw.Paragraph(s.Styles.Warn, wordNotNumber+" "+p.Fault, w))
	case a.Why != nil:
		parts = append(parts, draw.Paragraph(s.Styles.Warn, strings.Join(s.why(a), " "), w))
	case a.OlderThan(s.Now(), s.old):
		parts = append(parts, draw.Paragraph(s.Styles.Warn, wordsOldAnswer(nhs.Instant(a.AsOf, s.Location)), w))
	case a.State == client.NoneRecorded:
		parts = append(parts, draw.Paragraph(s.Styles.Label, client.WordsNoneRecorded, w))
	case p.Name != "":
		parts = append(parts, draw.Paragraph(s.Styles.Label, WordListName, w))
	}

	if notes := worklist.LineNotes(p); len(notes) > 0 {
		parts = append(parts, draw.Paragraph(s.Styles.Label, strings.Join(notes, " "), w))
	}

	return draw.Stack(parts...).AtLeast(listFullRows, w)
}

// listFullRows is the minimum height of the details of the marked row, so that the table does not change its height.
const listFullRows = 3
