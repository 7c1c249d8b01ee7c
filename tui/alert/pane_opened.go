package alert

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// minAccesses is the minimum height of the access history. With less space, it replaces the plan on request.
const minAccesses = 4

// minAccessesWithHint is the height left for the access history above which the hint about the flag key is shown.
const minAccessesWithHint = 6

// minPlanWidth is the minimum width of a plan whose text about the telephone number is beside the number.
const minPlanWidth = 62

// The columns of the list of plans: the number to ring, the kind and the time. In a narrow list the kind is truncated,
// because the chosen plan is shown in full below.
const (
	minPhoneWidth, maxPhoneWidth = 13, 20
	kindWidth, datesWidth        = 28, 17
	// minListWidth is the width of the list without the authorities.
	minListWidth = minPhoneWidth + kindWidth + datesWidth + 2*draw.ColumnGap + 8
)

// Banner returns the patient's banner, w cells wide.
func (s *Opened) Banner(w int) draw.Pane { return s.Patient.Banner(w) }

// maxPlans is the maximum number of plans shown in the list at once.
const maxPlans = 4

// View returns the body of the screen.
func (s *Opened) View(l draw.Layout) draw.Pane {
	w, tall := l.Body.W, l.Body.H >= step.MinSpaciousRows
	space := draw.Gap(0)
	if tall || len(s.Opened.Plans) < 2 {
		space = draw.Gap(1)
	}

	above, below := space, space
	if l.Wide {
		above, below = draw.Gap(0), draw.Gap(1)
	}

	head := draw.Stack(above, s.openingPane(w), below)
	upper := s.plan(w, tall)
	switch several := len(s.Opened.Plans) > 1; {
	case several && w >= minListWidth+minPlanWidth:
		left := max(minListWidth, w*45/100)
		right := w - left - 2
		upper = s.plan(right, tall)
		upper = draw.Beside(s.plans(left, max(len(upper.Lines), 3)), left, 2, upper)
	case several:
		// The list must leave enough space for the plan with the number to ring.
		avail := l.Body.H - len(head.Lines) - len(upper.Lines)
		upper = draw.Stack(s.plans(w, max(3, min(avail, maxPlans+2, len(s.Opened.Plans)+2))), upper)
	}

	avail, lookers := l.Body.H-len(head.Lines)-len(upper.Lines), len(s.Opened.Accesses)
	if offer := s.flagOffer(w); len(offer.Lines) == 1 && avail > min(minAccessesWithHint, len(s.Opened.Accesses)+3) {
		head, avail = draw.Stack(above, s.openingPane(w), offer, below), avail-1
	}

	s.shown = 0
	switch {
	case avail >= minAccesses:
		return draw.Stack(head, upper, s.accesses(w, min(avail, lookers+3)))
	case s.HistoryFocused && s.panes():
		return draw.Stack(head, s.accesses(w, l.Body.H-len(head.Lines)))
	case avail > 0 && lookers > 0:
		return draw.Stack(head, upper,
			draw.Paragraph(s.Styles.Label, wordsLookersBy(lookers, s.Keys.PageDown.Help().Key), w-2).Indent(1))
	default:
		return draw.Stack(head, upper)
	}
}

// openingPane returns whether the opening was recorded and notified.
func (s *Opened) openingPane(w int) draw.Pane {
	at := nhs.Instant(s.Opened.AsOf, s.Location)
	words := wordsSilent(at)
	switch {
	case s.Opened.Notifies:
		words = wordsNotified(at)
	case s.Patient.Unscheduled():
		words = wordsNothingThere(at)
	}
	all := draw.Paragraph(s.Styles.Plain, words, w-2)
	if s.Opened.RecordMissing {
		all = draw.Stack(all, draw.Paragraph(s.Styles.Warn, client.WordsRecordMissing, w-2))
	}
	return draw.Stack(all, s.Patient.FlagNews(w-2)).Indent(1)
}

// flagOffer returns what the flag key does, if it is available. The result of setting the flag replaces it.
func (s *Opened) flagOffer(w int) draw.Pane { return s.Patient.FlagOffer(w - 2).Indent(1) }

// plans returns the list of plans, h lines high including its frame.
func (s *Opened) plans(w, h int) draw.Pane {
	phones := make([]string, len(s.Opened.Plans))
	phone := minPhoneWidth
	for i, p := range s.Opened.Plans {
		phones[i] = wordNoNumber
		if now := RingNow(p, s.Office, s.Now()).Now; now.Phone != "" {
			phones[i] = nhs.DisplayPhone(now.Phone)
		}
		phone = min(maxPhoneWidth, max(phone, text.Width(phones[i])))
	}

	rest := w - 8 - phone - datesWidth - 2*draw.ColumnGap
	widths := []int{min(kindWidth, rest), datesWidth}
	if rest -= kindWidth + draw.ColumnGap; rest > 10 {
		widths = append(widths, rest)
	}

	first, last := draw.Window(len(s.Opened.Plans), s.chosen, 0, h-2)
	var rows draw.Pane
	for i := first; i < last; i++ {
		p := s.Opened.Plans[i]
		mark, st := "  ", s.Styles.Plain
		if i == s.chosen {
			mark, st = draw.SignChosen+" ", s.Styles.Chosen
		}

		cells := []string{p.Kind.Words(), s.planDates(p), p.Authority}
		if i != s.chosen && s.ended(p) {
			st = s.Styles.Label
		}

		secrets := st
		if !s.ended(p) {
			secrets = s.Styles.Ring
		}

		number := secrets.Render(" " + text.Pad(text.Truncate(phones[i], phone), phone) + " ")
		row := draw.Lines(mark + number + strings.Repeat(" ", draw.ColumnGap-1) + draw.MarkedColumns(st, widths,
			cells[:len(widths)]...))
		if i == s.chosen && !s.HistoryFocused {
			row.Cursor = &tea.Position{X: 1}
		}

		rows = draw.Stack(rows, row)
	}

	title := wordsPlans(len(s.Opened.Plans))
	if n := s.authorities(); n > 1 {
		title = wordsRingAll(n)
	}

	if s.HistoryFocused {
		return s.Styles.Panel(title, rows, w, h)
	}

	return s.Styles.Focus(title, rows, w, h)
}

// ended reports whether a plan has ended by now.
func (s *Opened) ended(p client.Plan) bool { return p.Ended(nhs.DateOf(s.Now())) }

// planDates returns a plan's dates in short: "since" or "ended" and a date.
func (s *Opened) planDates(p client.Plan) string {
	if s.ended(p) {
		return wordEnded + " " + p.End.String()
	}
	return wordSince + " " + p.Start.String()
}

// plan returns the chosen plan: the number to ring now, the kind, the dates and the authority.
func (s *Opened) plan(w int, spacious bool) draw.Pane {
	if len(s.Opened.Plans) == 0 {
		return s.Styles.Panel(titlePlan, step.Padded(draw.Paragraph(s.Styles.Strong, wordNoPlans, w-6)), w, 0)
	}

	p := s.Opened.Plans[s.chosen]
	in := w - 4
	title, end := p.Kind.Words(), wordRunsNow
	if !p.End.IsZero() {
		end = p.End.String()
	}

	titleStyle := s.Styles.Strong
	if s.ended(p) {
		titleStyle = s.Styles.Warn
		title += " – " + strings.ToUpper(wordEnded) + " " + p.End.String()
	}

	dates := draw.Lines(s.Styles.Label.Render(text.Pad(wordStart, draw.LabelWidth-1)) + " " + text.Pad(p.Start.String(),
		14) +
		s.Styles.Label.Render(wordEnd) + "  " + end)

	space := draw.Gap(0)
	if spacious {
		space = draw.Gap(1)
	}

	about := draw.Gap(1)
	if s.ended(p) {
		about = draw.Paragraph(s.Styles.Warn, WordPlanEnded, in)
		if spacious {
			about = draw.Stack(draw.Gap(1), about, draw.Gap(1))
		}
	}

	inner := draw.Stack(space, s.phones(p, in, spacious), about, dates, s.Styles.Entries(wordAuthority, p.Authority,
		in), space)
	return draw.Box(draw.Single, s.Styles.Line, titleStyle, title, inner, w, 0)
}

// minWhoseWidth is the minimum width of the text about a telephone number beside the number. With less space it is
// below.
const minWhoseWidth = 20

// phones returns the number to ring now, which is emphasised, and the other number below it. The number of an ended
// plan is less emphasised, because that of a current plan is more important.
func (s *Opened) phones(p client.Plan, w int, spacious bool) draw.Pane {
	r := RingNow(p, s.Office, s.Now())
	if r.Now.Phone == "" {
		return draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+wordNoPhone, w)
	}

	phones := max(text.Width(nhs.DisplayPhone(r.Now.Phone)), text.Width(nhs.DisplayPhone(r.Other.Phone)))
	labels := max(text.Width(WordRingNow), text.Width(wordOtherwise))
	number := labels + phones + 4
	row := func(st lipgloss.Style, label string, c contact) draw.Pane {
		phone, whose := nhs.DisplayPhone(c.Phone), c.whose
		if c.Phone == "" {
			phone, whose = draw.SignNone, whose+" "+wordNotGiven
		}
		left := draw.Lines(st.Render(" " + text.Pad(label, labels) + "  " + text.Pad(phone, phones) + " "))
		if avail := w - number - 2; avail >= minWhoseWidth {
			return draw.Beside(left, number, 2, draw.Paragraph(s.Styles.Plain, whose, avail))
		}
		return draw.Stack(left, draw.Paragraph(s.Styles.Plain, whose, w-1).Indent(1))
	}

	st := s.Styles.Ring
	if s.ended(p) {
		st = s.Styles.Strong
	}

	first, second := row(st, WordRingNow, r.Now), row(s.Styles.Plain, wordOtherwise, r.Other)
	if spacious {
		if !s.ended(p) {
			bar := draw.Lines(st.Render(strings.Repeat(" ", number)))
			first = draw.Stack(bar, first, bar)
		}
		second = draw.Stack(draw.Gap(1), second)
	}

	if r.Note != "" {
		second = draw.Stack(second, draw.Paragraph(s.Styles.Strong, r.Note, w-1).Indent(1))
	}

	return draw.Stack(first, second)
}

// accesses returns the access history, h lines high including its frame.
func (s *Opened) accesses(w, h int) draw.Pane {
	in := w - 4
	title := wordsAccesses(len(s.Opened.Accesses))
	frame := s.Styles.Panel
	if s.HistoryFocused {
		frame = s.Styles.Focus
	}

	switch {
	case s.Opened.HistoryNotOffered():
		return frame(title, draw.Paragraph(s.Styles.Plain, client.WordsHistoryNotOffered, in), w, 0)
	case s.Opened.ListErr != nil:
		return frame(title, draw.Stack(draw.Lines(s.Styles.Strong.Render(wordNoAccessList)),
			step.FaultPane(s.Styles, s.Opened.ListErr, in)), w, 0)
	case len(s.Opened.Accesses) == 0:
		return frame(title, draw.Paragraph(s.Styles.Plain, wordNoAccesses, in), w, 0)
	}

	s.shown = max(1, h-3)
	s.from = max(0, min(s.from, len(s.Opened.Accesses)-s.shown))
	last := min(len(s.Opened.Accesses), s.from+s.shown)
	if len(s.Opened.Accesses) > s.shown {
		title = wordsAccessesFrom(s.from+1, last, len(s.Opened.Accesses))
	}

	left := in - 17 - 3*draw.ColumnGap
	widths := []int{17, min(left*40/100, 24), left * 28 / 100, 0} // most for the name
	widths[3] = left - widths[1] - widths[2]
	rows := draw.Lines(s.Styles.Label.Render(draw.Columns(widths, wordWhen, wordWho, wordJobRole, wordWhere)))
	for _, a := range s.Opened.Accesses[s.from:last] {
		rows.Lines = append(rows.Lines, draw.Columns(widths, nhs.Instant(a.When, s.Location), a.Who, a.JobRole,
			a.Organisation))
	}

	if !s.HistoryFocused || !s.panes() && len(s.Opened.Accesses) <= s.shown {
		return frame(title, rows, w, h)
	}

	// A sign and the cursor show that the arrow keys move here.
	p := frame(draw.SignChosen+" "+title, rows, w, h)
	p.Cursor = &tea.Position{X: 3}
	return p
}
