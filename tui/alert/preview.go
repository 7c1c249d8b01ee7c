package alert

import (
	"time"

	"charm.land/bubbles/v2/key"

	"wardlight/internal/cups"
	"wardlight/internal/paper"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Job is the number of a page that was sent to a printer.
type Job string

// Followed is the answer that a page has come out; its error says what else became of it.
type Followed struct{}

// TakenBack is the answer that a page was taken back.
type TakenBack struct{}

// Preview is the paper before it exists: what Enter prints, line by line.
type Preview struct {
	*step.Common
	step.Unfocused
	patient Patient
	sheet   paper.Sheet
	Printer string // "" while none is chosen
	done    bool   // the page was sent, and is not known to be lost
	Job     Job
	err     error // of the looking, of the printing or of the following

	takenBack bool // the page that was sent

	Queues     ask.Question[[]cups.Queue] // the printers are being looked for
	Sending    ask.Question[Job]
	Following  ask.Question[Followed]
	Cancelling ask.Question[TakenBack]

	since       time.Time // when what can be printed came into sight
	from, shown int       // first line shown, and how many fit
	left, cells int       // first cell shown, and how many fit
}

// NewPreview returns the paper as it will come out of the printer; "" is no printer yet. p is nil for a paper about
// several patients.
func NewPreview(c *step.Common, p Patient, sheet paper.Sheet, printer string) *Preview {
	return &Preview{Common: c, patient: p, sheet: sheet, Printer: printer, shown: 1, cells: paper.Columns}
}

// Place returns where the screen stands between the search and the opened alert.
func (s *Preview) Place() draw.Place {
	if s.patient == nil {
		return draw.Nowhere
	}
	return draw.AtAlert
}

// Banner returns the patient's banner, w cells wide; nothing of a paper about several patients.
func (s *Preview) Banner(w int) draw.Pane {
	if s.patient == nil {
		return draw.Pane{}
	}
	return s.patient.Banner(w)
}

// Wipe drops the paper. What was sent to the printer goes on.
func (s *Preview) Wipe() {
	s.Queues.Drop()
	*s = Preview{Common: s.Common, patient: s.patient, shown: 1}
}

// Pages returns what would be printed now.
func (s *Preview) Pages() paper.Pages {
	sheet := s.sheet
	sheet.Printed = s.Now()
	return paper.Lay(sheet)
}

// ready reports whether Enter prints.
func (s *Preview) ready() bool { return s.Printer != "" && s.canChoose() }

// canChoose reports whether there is a printer to be chosen.
func (s *Preview) canChoose() bool { return !s.Queues.Pending() && !s.Busy() && !s.done }

// Busy reports whether the print service is doing something with the page, which is not left meanwhile.
func (s *Preview) Busy() bool {
	return s.Sending.Pending() || s.Following.Pending() || s.Cancelling.Pending()
}

// Waits reports whether the page waits for its printer, and can be taken back.
func (s *Preview) Waits() bool {
	kind := cups.KindOf(s.err)
	return s.done && !s.Busy() && s.err != nil && (kind == cups.Waiting || kind == cups.NotCancelled)
}

// Commands returns what can be done here.
func (s *Preview) Commands() (main, minor []act.Command) {
	scrolls := s.from > 0 || s.from+s.shown < s.height()
	sideways := s.cells < paper.Columns
	shift := func(b key.Binding, n int) act.Command {
		return step.Command(step.When(b, sideways), func() step.Action { s.shift(n); return nil })
	}
	cancel := step.Command(step.When(step.As(s.Keys.Remove, wordCancelPage), s.Waits()), step.Effect(CancelPage{}))
	cancel.Running = s.Cancelling.Pending()
	main = append([]act.Command{cancel, s.Enter()}, s.Updown(step.WordScroll, scrolls, s.scroll)...)
	main = append(main,
		step.Command(step.When(step.As(s.Keys.Print, wordOtherPrinter), s.canChoose() && s.Printer != ""), step.Effect(ChoosePrinter{})),
		step.Command(step.When(step.As(s.Keys.Esc, wordBackToAlert), !s.Busy()), step.Effect(step.Back{})))
	minor = append(s.Paging(scrolls, s.shown, s.scroll), shift(s.Keys.Left, -shiftCells), shift(s.Keys.Right, shiftCells))
	return main, minor
}

// Enter prints, and before that chooses a printer; after it, it goes back.
func (s *Preview) Enter() act.Command {
	switch {
	case s.done: // impatience does not hide that the page was sent
		return s.Delayed(step.Command(step.When(step.As(s.Keys.Enter, wordBackToAlert), !s.Busy()), step.Effect(step.Back{})), s.since)
	case s.Printer == "":
		return step.Command(step.When(step.As(s.Keys.Enter, wordChoosePrinter), s.canChoose()), step.Effect(ChoosePrinter{}))
	default:
		print := step.Command(step.When(step.As(s.Keys.Enter, wordPrintNow), s.ready()), step.Effect(Print{}))
		print.Running = s.Sending.Pending()
		return s.Delayed(print, s.since)
	}
}

// shiftCells is how far the paper moves sideways at a time.
const shiftCells = 8

func (s *Preview) scroll(n int) { s.from = max(0, min(s.from+n, s.height()-s.shown)) }
func (s *Preview) shift(n int)  { s.left = max(0, min(s.left+n, paper.Columns-s.cells)) }

// height returns how many lines the pages have, one of them between two.
func (s *Preview) height() int {
	n := len(s.Pages())
	return n*paper.Rows + n - 1
}

// Looking begins a search for printers.
func (s *Preview) Looking() { s.err = nil }

// Listed takes in why no printers could be listed; nil when they were.
func (s *Preview) Listed(err error) { s.err = err }

// Take takes in the printer that was chosen.
func (s *Preview) Take(printer string) { s.Printer, s.err, s.since = printer, nil, s.Now() }

// Sent takes in that the page was sent, or why it was not.
func (s *Preview) Sent(job Job, err error) {
	s.done, s.Job, s.err, s.takenBack = err == nil, job, err, false
	s.since = s.Now()
}

// Followed takes in what became of the page. One that was given up can be printed again.
func (s *Preview) Followed(err error) {
	s.err, s.done = err, err == nil || cups.KindOf(err) != cups.GivenUp
	s.since = s.Now()
}

// Cancelled takes in whether the page was taken back. Then it can be printed again.
func (s *Preview) Cancelled(err error) {
	s.err, s.takenBack, s.done = err, err == nil, err != nil
	s.since = s.Now()
}

// Failing reports whether the screen shows a failure.
func (s *Preview) Failing() bool { return s.err != nil }
