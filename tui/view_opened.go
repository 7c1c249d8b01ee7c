package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// mostPlans is how many plans the list shows at once, and spaciousRows how high a body is that has room for space between
// things.
const mostPlans, spaciousRows = 4, 26

// leastAccesses is how many lines the table of accesses needs; with fewer the panes take turns.
const leastAccesses = 4

// spareAccesses is how many lines are left to it where there is room for what a key does besides.
const spareAccesses = 6

// leastPlan is how wide a plan is with whose number it is beside the number.
const leastPlan = 62

// leastList is how wide the list of plans is without their authorities.
const leastList = 28 + 17 + columnGap + 6

func (s *openedScreen) banner(w int) pane { return s.patient.banner(w) }

func (s *openedScreen) view(l layout) pane {
	w, tall := l.body.w, l.body.h >= spaciousRows
	space := gap(0)
	if tall || len(s.opened.Plans) < 2 {
		space = gap(1)
	}
	above, below := space, space
	if l.wide {
		above, below = gap(0), gap(1)
	}
	head := stack(above, s.recorded(w), below)
	upper := s.plan(w, tall)
	switch several := len(s.opened.Plans) > 1; {
	case several && w >= leastList+leastPlan:
		left := max(leastList, w*45/100)
		right := w - left - 2
		upper = s.plan(right, tall)
		upper = beside(s.plans(left, max(len(upper.lines), 3)), left, 2, upper)
	case several:
		// The plan, with the number to ring, is never pushed off the screen by the list.
		room := l.body.h - len(head.lines) - len(upper.lines)
		upper = stack(s.plans(w, max(3, min(room, mostPlans+2, len(s.opened.Plans)+2))), upper)
	}
	room := l.body.h - len(head.lines) - len(upper.lines)
	if offer := s.flagOffer(w); len(offer.lines) == 1 && room > min(spareAccesses, len(s.opened.Accesses)+3) {
		head, room = stack(above, s.recorded(w), offer, below), room-1
	}
	switch {
	case room >= leastAccesses:
		return stack(head, upper, s.accesses(w, min(room, len(s.opened.Accesses)+3)))
	case s.lookers && s.panes():
		return stack(head, s.accesses(w, l.body.h-len(head.lines)))
	default:
		return stack(head, upper)
	}
}

// recorded says that the opening was recorded and notified, or that it was silent.
func (s *openedScreen) recorded(w int) pane {
	at := nhs.Instant(s.opened.AsOf, s.loc)
	words := wordsSilent(at)
	switch {
	case s.opened.Notifies:
		words = wordsNotified(at)
	case s.patient.notifies:
		words = wordsNothingThere(at)
	}
	all := paragraph(s.th.plain, words, w-2)
	if s.opened.RecordMissing {
		all = stack(all, paragraph(s.th.warn, client.WordsRecordMissing, w-2))
	}
	if s.patient.flagging || s.patient.flagged != nil {
		all = stack(all, s.patient.flagWords(w-2, true))
	}
	return all.indent(1)
}

// flagOffer is what the flagging key does, where it can still be pressed. What comes of it takes its place.
func (s *openedScreen) flagOffer(w int) pane {
	if !s.patient.canFlag() || s.patient.flagged != nil {
		return pane{}
	}
	return s.patient.flagKey(wordsFlagDoes(s.flags.place), w-2).indent(1)
}

// plans is the list of several plans, h lines high with its frame.
func (s *openedScreen) plans(w, h int) pane {
	widths := []int{28, 17}
	if rest := w - leastList - columnGap; rest > 10 {
		widths = append(widths, rest)
	}
	first, last := window(len(s.opened.Plans), s.chosen, 0, h-2)
	var rows pane
	for i := first; i < last; i++ {
		p := s.opened.Plans[i]
		mark, st := "  ", s.th.plain
		if i == s.chosen {
			mark, st = signChosen+" ", s.th.chosen
		}
		cells := []string{p.Kind.Words(), s.life(p), p.Authority}
		if i != s.chosen && s.ended(p) {
			st = s.th.label
		}
		row := lines(mark + markedColumns(st, widths, cells[:len(widths)]...))
		if i == s.chosen && !s.lookers {
			row.cursor = &tea.Position{X: 1}
		}
		rows = stack(rows, row)
	}
	if s.lookers {
		return s.th.panel(wordsPlans(len(s.opened.Plans)), rows, w, h)
	}
	return s.th.focus(wordsPlans(len(s.opened.Plans)), rows, w, h)
}

// ended reports whether a plan has ended by now.
func (s *openedScreen) ended(p client.Plan) bool { return p.Ended(nhs.DateOf(s.now())) }

// life is a plan's time in a word and a date: "since" or "ended".
func (s *openedScreen) life(p client.Plan) string {
	if s.ended(p) {
		return wordEnded + " " + p.End.String()
	}
	return wordSince + " " + p.Start.String()
}

// plan is the chosen plan: what it is, its dates, whose it is, and the number to ring now.
func (s *openedScreen) plan(w int, spacious bool) pane {
	if len(s.opened.Plans) == 0 {
		return s.th.panel(titlePlan, roomy(paragraph(s.th.strong, wordNoPlans, w-6)), w, 0)
	}
	p := s.opened.Plans[s.chosen]
	in := w - 4
	title, end := p.Kind.Words(), wordRunsNow
	if !p.End.IsZero() {
		end = p.End.String()
	}
	titleStyle := s.th.strong
	if s.ended(p) {
		titleStyle = s.th.warn
		title += " – " + strings.ToUpper(wordEnded) + " " + p.End.String()
	}
	dates := lines(s.th.label.Render(text.Pad(wordStart, labelWidth-1)) + " " + text.Pad(p.Start.String(), 14) +
		s.th.label.Render(wordEnd) + "  " + end)
	space := gap(0)
	if spacious {
		space = gap(1)
	}
	about := gap(1)
	if s.ended(p) {
		about = paragraph(s.th.warn, wordPlanEnded, in)
		if spacious {
			about = stack(gap(1), about, gap(1))
		}
	}
	inner := stack(space, s.ring(p, in, spacious), about, dates, s.th.entries(wordAuthority, p.Authority, in), space)
	return box(single, s.th.line, titleStyle, title, inner, w, 0)
}

// leastWhose is how many cells the words of whose number it is need beside the number; with fewer they stand below it.
const leastWhose = 20

// ring is the number to ring now, so that it is the first thing the eye finds, and the other below it. Of an ended plan it
// does not stand out as much: a running one's comes first.
func (s *openedScreen) ring(p client.Plan, w int, spacious bool) pane {
	r := ringNow(p, s.office, s.now())
	if r.now.phone == "" {
		return paragraph(s.th.warn, signFailed+" "+wordNoPhone, w)
	}
	phones := max(text.Width(nhs.DisplayPhone(r.now.phone)), text.Width(nhs.DisplayPhone(r.other.phone)))
	labels := max(text.Width(wordRingNow), text.Width(wordOtherwise))
	number := labels + phones + 4
	row := func(st lipgloss.Style, label string, c contact) pane {
		phone, whose := nhs.DisplayPhone(c.phone), c.whose
		if c.phone == "" {
			phone, whose = signNone, whose+" "+wordNotGiven
		}
		left := lines(st.Render(" " + text.Pad(label, labels) + "  " + text.Pad(phone, phones) + " "))
		if room := w - number - 2; room >= leastWhose {
			return beside(left, number, 2, paragraph(s.th.plain, whose, room))
		}
		return stack(left, paragraph(s.th.plain, whose, w-1).indent(1))
	}
	st := s.th.ring
	if s.ended(p) {
		st = s.th.strong
	}
	first, second := row(st, wordRingNow, r.now), row(s.th.plain, wordOtherwise, r.other)
	if spacious {
		if !s.ended(p) {
			bar := lines(st.Render(strings.Repeat(" ", number)))
			first = stack(bar, first, bar)
		}
		second = stack(gap(1), second)
	}
	if r.note != "" {
		second = stack(second, paragraph(s.th.strong, r.note, w-1).indent(1))
	}
	return stack(first, second)
}

// accesses is the table of who has looked, h lines high with its frame.
func (s *openedScreen) accesses(w, h int) pane {
	in := w - 4
	title := wordsAccesses(len(s.opened.Accesses))
	frame := s.th.panel
	if s.lookers {
		frame = s.th.focus
	}
	switch {
	case s.opened.ListErr != nil:
		return frame(title, stack(lines(s.th.strong.Render(wordNoAccessList)), s.th.faultPane(s.opened.ListErr, in)), w, 0)
	case len(s.opened.Accesses) == 0:
		return frame(title, paragraph(s.th.plain, wordNoAccesses, in), w, 0)
	}
	s.shown = max(1, h-3)
	s.from = max(0, min(s.from, len(s.opened.Accesses)-s.shown))
	last := min(len(s.opened.Accesses), s.from+s.shown)
	if len(s.opened.Accesses) > s.shown {
		title = wordsAccessesFrom(s.from+1, last, len(s.opened.Accesses))
	}
	left := in - 17 - 3*columnGap
	widths := []int{17, min(left*40/100, 24), left * 28 / 100, 0} // most to who it was: the rest can be guessed from its beginning
	widths[3] = left - widths[1] - widths[2]
	rows := lines(s.th.label.Render(columns(widths, wordWhen, wordWho, wordJobRole, wordWhere)))
	for _, a := range s.opened.Accesses[s.from:last] {
		rows.lines = append(rows.lines, columns(widths, nhs.Instant(a.When, s.loc), a.Who, a.JobRole, a.Organisation))
	}
	if !s.lookers || !s.panes() && len(s.opened.Accesses) <= s.shown {
		return frame(title, rows, w, h)
	}
	// That the arrows move here is said by a mark, and by the cursor on it.
	p := frame(signChosen+" "+title, rows, w, h)
	p.cursor = &tea.Position{X: 3}
	return p
}
