package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/internal/worklist"
)

func (s *worklistScreen) view(l layout) pane {
	if s.part == listForm || s.part == askReplace {
		return s.form(l)
	}
	return s.table(l)
}

// form asks which list: the kept one, or a file.
func (s *worklistScreen) form(l layout) pane {
	w := min(l.body.w, widestForm)
	in := w - 6
	rows := []pane{paragraph(s.th.plain, wordListMeans, in), gap(1)}
	switch {
	case s.part == askReplace:
		rows = append(rows, paragraph(s.th.warn, wordsReplaceAsk(s.tally), in))
		return stack(gap(1), s.th.focus(titleWorklist, roomy(stack(rows...)), w, 0))
	case s.room.looking != 0:
		rows = append(rows, lines(s.th.strong.Render(wordLookingKept)))
	case s.room.reading != 0:
		rows = append(rows, lines(s.th.strong.Render(wordReadingList)))
	default:
		if k := s.room.kept; k != nil {
			rows = append(rows, s.keptRow(k, in), gap(1))
		}
		rows = append(rows, s.pathRow(in))
	}
	return stack(gap(1), s.th.focus(titleWorklist, roomy(stack(rows...)), w, 0), s.whyNone(w-4).indent(2))
}

// keptRow is the offer of the kept list.
func (s *worklistScreen) keptRow(k *worklist.Kept, w int) pane {
	mark, st := "  ", s.th.plain
	if s.onKept {
		mark, st = s.th.keycap.Render(signChosen)+" ", s.th.chosen
	}
	words := paragraph(st, wordsKept(nhs.Instant(k.Made, s.loc), k.Tally(s.person)), w-labelWidth-2)
	if k.By != s.person {
		words = stack(words, paragraph(s.th.label, wordKeptHidden, w-labelWidth-2))
	}
	p := beside(lines(s.th.label.Render(text.Pad(wordKeptList, labelWidth))+mark), labelWidth+2, 0, words)
	if s.onKept {
		p.cursor = &tea.Position{X: labelWidth}
	}
	return p
}

// pathRow is the field for a file, with what is wrong or what is wanted below it.
func (s *worklistScreen) pathRow(w int) pane {
	room := w - labelWidth - 2
	value, cursor := s.path.view(room)
	mark, st := "  ", s.th.label
	if s.typing() {
		mark, st = s.th.keycap.Render(signChosen)+" ", s.th.strong
	}
	p := lines(st.Render(text.Pad(wordListFile, labelWidth)) + mark + s.th.field.Render(value))
	if s.typing() {
		p.cursor = &tea.Position{X: labelWidth + 2 + cursor}
	}
	below := paragraph(s.th.label, wordListFileHint, room)
	if s.problem != "" {
		below = paragraph(s.th.warn, signFailed+" "+s.problem, room)
	}
	return stack(p, below.indent(labelWidth+2))
}

// whyNone is why there is no list.
func (s *worklistScreen) whyNone(w int) pane {
	if s.err == nil {
		return pane{}
	}
	return stack(gap(1), s.th.faultPane(s.err, w))
}

// table is the list, how far it has come, and the marked line in full.
func (s *worklistScreen) table(l layout) pane {
	w := l.body.w
	list := s.room.list
	head := stack(s.progress(w-2), s.standing(w-2)).indent(1)
	rows := list.In(s.order)
	at := placeOf(rows, s.chosen())
	s.draws(rows, rows[at])
	full := s.inFull(rows[at], w-4).indent(2)
	if s.part == askRemoving {
		full = paragraph(s.th.warn, wordRemoveAsk, w-4).indent(2)
	}
	s.shown = max(1, l.body.h-len(head.lines)-len(full.lines)-3)
	first, last := window(len(rows), at, s.from, s.shown)
	s.from = first
	widths := s.widths(w - 6)
	body := lines("  " + s.th.label.Render(columns(widths, s.titles(widths)...)))
	for i := first; i < last; i++ {
		body = stack(body, s.row(rows[i], widths, i == at))
	}
	return stack(head, s.th.focus(wordsListTitle(len(rows), first, last-first), body, w, s.shown+3), full)
}

// The bar's lengths, in cells.
const shortestBar, longestBar = 16, 40

// progress is the bar with the states counted.
func (s *worklistScreen) progress(w int) pane {
	t := s.room.list.Tally()
	words := " " + wordsProgress(t)
	tally := text.Truncate(wordsTally(t, " · "), w)
	beside := w - text.Width(words) - text.Width(tally) - 5
	n := min(longestBar, beside)
	if beside < shortestBar {
		n = min(longestBar, w-text.Width(words)-2)
	}
	done := n * t.Settled() / max(1, t.All)
	bar := "[" + strings.Repeat("═", done) + strings.Repeat("·", n-done) + "]" + words
	if beside < shortestBar {
		return lines(bar, s.th.strong.Render(tally))
	}
	return lines(bar + "   " + s.th.strong.Render(tally))
}

// standing is how the checking stands and where the list is kept.
func (s *worklistScreen) standing(w int) pane {
	st := s.th.label
	words, failing := s.condition()
	if failing {
		words, st = signFailed+" "+words, s.th.warn
	}
	kept, lost := s.keeping()
	if lost {
		return stack(paragraph(st, words, w), paragraph(s.th.warn, kept, w))
	}
	return paragraph(st, words+" "+kept, w)
}

// condition is how the checking stands; failing, when it does not go on.
func (s *worklistScreen) condition() (words string, failing bool) {
	condition, why := s.room.list.Condition()
	switch condition {
	case worklist.Done:
		return wordsListDone(s.room.list.Tally()), false
	case worklist.Slowed:
		return wordHubWaits, false
	case worklist.HubDown:
		return why.Sentence + " (" + why.Code + ") " + wordStayHere, true
	case worklist.Stopped:
		return why.Sentence + " (" + why.Code + ") " + wordListStops + " " + why.Advice, true
	default:
		return wordListAsking, false
	}
}

// keeping is where the list is kept, "" before that is known; lost, when it goes with the lock.
func (s *worklistScreen) keeping() (words string, lost bool) {
	switch {
	case s.room.unkept != nil:
		sentence, _, code := told(s.room.unkept)
		return wordOnlyMemory + " " + sentence + " (" + code + ")", true
	case !s.room.begun:
		return "", false
	default:
		return wordKeptSafe, false
	}
}

// The columns of the table: state, time, number, name, birth date. The last is left out where it is narrow; the name takes what
// is left.
const (
	listStateWidth  = 17
	listAsOfWidth   = 12
	shortAsOfWidth  = 10 // a day, and the word for an old answer
	listNumberWidth = 12
	listBornWidth   = 11
	listBornFrom    = 90 // cells
)

func (s *worklistScreen) widths(w int) []int {
	widths := []int{listStateWidth, listAsOfWidth, listNumberWidth, 0}
	if w < 60 {
		widths[1] = shortAsOfWidth
	}
	if w >= listBornFrom {
		widths = append(widths, listBornWidth)
	}
	name := w
	for _, n := range widths {
		name -= n + columnGap
	}
	widths[3] = max(6, min(name+columnGap, widestName))
	return widths
}

func (s *worklistScreen) titles(widths []int) []string {
	return []string{wordState, wordAsOfTitle, wordNumber, wordName, wordBorn}[:len(widths)]
}

// row is one patient.
func (s *worklistScreen) row(at int, widths []int, chosen bool) pane {
	p, a := s.room.list.Patient(at), s.room.list.Answer(at)
	asOf, number := "", p.Number.String()
	switch {
	case a.Known():
		asOf = s.shortly(a)
	case s.room.list.Out(at):
		asOf = wordAskingNow
	}
	if !p.CanBeAsked() {
		number = p.Given
	}
	cells := []string{asOf, number, p.Name, p.Born}[:len(widths)-1]
	mark, st := "  ", s.th.plain
	if chosen {
		mark, st = signChosen+" ", s.th.chosen
	}
	state := s.th.state(a.State)
	if a.State != client.Alert { // whose band begins a cell before its sign
		state = " " + state
	}
	state += strings.Repeat(" ", max(0, listStateWidth+columnGap-text.Width(state)))
	out := lines(mark + state + columns(widths[1:2], cells[0]) + strings.Repeat(" ", columnGap) + markedColumns(st, widths[2:], cells[1:]...))
	if chosen {
		out.cursor = &tea.Position{X: 1}
	}
	return out
}

// shortly is when an answer is of: the time of today, the day of an earlier one, and a word where it is old.
func (s *worklistScreen) shortly(a worklist.Answer) string {
	at := a.AsOf.In(s.loc)
	words := at.Format("15:04")
	if nhs.DateOf(at) != nhs.DateOf(s.now()) {
		words = at.Format("02-Jan")
	}
	if a.Old(s.now(), s.old) {
		words += " " + wordOld
	}
	return words
}

// inFull is what there is to say about a line.
func (s *worklistScreen) inFull(at, w int) pane {
	p, a := s.room.list.Patient(at), s.room.list.Answer(at)
	who := wordsLine(p.Line)
	if p.Name != "" || p.Born != "" {
		who = strings.TrimSpace(p.Name+" "+p.Born) + ". " + who
	}
	parts := []pane{paragraph(s.th.plain, who, w)}
	if a.RecordMissing {
		parts = append(parts, paragraph(s.th.warn, client.WordsRecordMissing, w))
	}
	switch {
	case !p.CanBeAsked():
		parts = append(parts, paragraph(s.th.warn, wordNotNumber+" "+p.Fault, w))
	case a.Why != nil:
		parts = append(parts, paragraph(s.th.warn, a.Why.Sentence+" "+a.Why.Advice+" "+wordsCode(a.Why.Code), w))
	case a.Old(s.now(), s.old):
		parts = append(parts, paragraph(s.th.warn, wordsOldAnswer(nhs.Instant(a.AsOf, s.loc)), w))
	case a.State == client.NoneRecorded:
		parts = append(parts, paragraph(s.th.label, wordNoneRecordedMeans, w))
	case p.Name != "":
		parts = append(parts, paragraph(s.th.label, wordListName, w))
	}
	if notes := wordsLineNotes(p); len(notes) > 0 {
		parts = append(parts, paragraph(s.th.label, strings.Join(notes, " "), w))
	}
	return stack(parts...).atLeast(listFullRows, w)
}

// listFullRows are kept for the marked line, so that the table does not jump.
const listFullRows = 3

// atLeast fills a pane up to h lines.
func (p pane) atLeast(h, w int) pane {
	if len(p.lines) >= h {
		return p
	}
	return p.fit(w, h)
}
