package alert

import (
	"time"

	"charm.land/bubbles/v2/key"

	"wardlight/internal/cups"
	"wardlight/internal/printout"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Job is the number of a print job.
type Job string

// Followed is the answer that a page was printed, or its error.
type Followed struct{}

// CancelDone is the answer that a print job was cancelled.
type CancelDone struct{}

// Preview shows the page that Enter prints.
type Preview struct {
	*step.Common
	step.Unfocused
	patient Patient
	sheet   printout.Sheet
	laid    printout.Pages // the pages of the sheet
	Printer string         // "" if none is chosen
	done    bool           // the page was sent, and is not known to have failed
	Job     Job
	err     error // of listing the printers, printing or following the job

	cancelled bool // the print job was cancelled

	Queues     ask.Request[[]cups.Queue] // the request for the printers
	Sending    ask.Request[Job]
	Following  ask.Request[Followed]
	Cancelling ask.Request[CancelDone]

	since       time.Time // when the current content was first shown
	from, shown int       // first line shown, and number of lines that fit
	left, cells int       // first cell shown, and number of cells that fit
}

// NewPreview returns the preview of a sheet. printer may be "". p is nil for a sheet about several patients.
func NewPreview(c *step.Common, p Patient, sheet printout.Sheet, printer string) *Preview {
	return &Preview{Common: c, patient: p, sheet: sheet, Printer: printer, shown: 1, cells: printout.Columns}
}

// Place returns the step that the screen belongs to.
func (s *Preview) Place() draw.Place {
	switch {
	case s.patient == nil:
		return draw.Nowhere
	case s.sheet.Summary != nil:
		return draw.AtPatient
	default:
		return draw.AtAlert
	}
}

// Banner returns the patient's banner, w cells wide, or nothing for a page about several patients.
func (s *Preview) Banner(w int) draw.Pane {
	if s.patient == nil {
		return draw.Pane{}
	}
	return s.patient.Banner(w)
}

// Wipe clears the page. Jobs that were sent to the printer go on.
func (s *Preview) Wipe() {
	s.Queues.Drop()
	*s = Preview{Common: s.Common, patient: s.patient, shown: 1}
}

// Pages returns the pages with the current time as time of printing. They are laid out once a minute, because the paper
// has no seconds.
func (s *Preview) Pages() printout.Pages {
	if now := s.Now().Truncate(time.Minute); s.laid == nil || !s.sheet.Printed.Equal(now) {
		s.sheet.Printed = now
		s.laid = printout.Layout(s.sheet)
	}
	return s.laid
}

// ready reports whether Enter prints the page.
func (s *Preview) ready() bool { return s.Printer != "" && s.canChoose() }

// canChoose reports whether another printer can be chosen now.
func (s *Preview) canChoose() bool { return !s.Queues.Pending() && !s.Busy() && !s.done }

// Busy reports whether a request to the print service is running. The screen can't be left meanwhile.
func (s *Preview) Busy() bool {
	return s.Sending.Pending() || s.Following.Pending() || s.Cancelling.Pending()
}

// Waits reports whether the page is waiting in the queue and can be cancelled.
func (s *Preview) Waits() bool {
	kind := cups.KindOf(s.err)
	return s.done && !s.Busy() && s.err != nil && (kind == cups.Waiting || kind == cups.NotCancelled)
}

// Commands returns the main and the minor commands of the screen.
func (s *Preview) Commands() (main, minor []act.Command) {
	scrolls := s.from > 0 || s.from+s.shown < s.height()
	sideways := s.cells < printout.Columns
	shift := func(b key.Binding, n int) act.Command {
		return step.Command(step.When(b, sideways), func() step.Action { s.shift(n); return nil })
	}
	cancel := step.Command(step.When(step.As(s.Keys.Remove, wordCancelPage), s.Waits()), step.Effect(CancelPage{}))
	cancel.Running = s.Cancelling.Pending()
	main = append([]act.Command{cancel, s.Enter()}, s.Updown(step.WordScroll, scrolls, s.scroll)...)
	main = append(main,
		step.Command(step.When(step.As(s.Keys.Print, wordOtherPrinter), s.canChoose() && s.Printer != ""),
			step.Effect(ChoosePrinter{})),
		step.Command(step.When(step.As(s.Keys.Esc, wordBackToAlert), !s.Busy()), step.Effect(step.Back{})))
	minor = append(s.Paging(scrolls, s.shown, s.scroll), shift(s.Keys.Left, -shiftCells),
		shift(s.Keys.Right, shiftCells))
	return main, minor
}

// Enter returns the command of the Enter key: it chooses a printer, prints or, after printing, goes back.
func (s *Preview) Enter() act.Command {
	switch {
	case s.done: // with the key delay, so that a second press does not hide the result
		return s.Delayed(step.Command(step.When(step.As(s.Keys.Enter, wordBackToAlert), !s.Busy()),
			step.Effect(step.Back{})), s.since)
	case s.Printer == "":
		return step.Command(step.When(step.As(s.Keys.Enter, wordChoosePrinter), s.canChoose()),
			step.Effect(ChoosePrinter{}))
	default:
		print := step.Command(step.When(step.As(s.Keys.Enter, wordPrintNow), s.ready()), step.Effect(Print{}))
		print.Running = s.Sending.Pending()
		return s.Delayed(print, s.since)
	}
}

// shiftCells is the number of cells that the page moves sideways per key press.
const shiftCells = 8

func (s *Preview) scroll(n int) { s.from = max(0, min(s.from+n, s.height()-s.shown)) }
func (s *Preview) shift(n int)  { s.left = max(0, min(s.left+n, printout.Columns-s.cells)) }

// height returns the number of lines of all pages, including one between two pages.
func (s *Preview) height() int {
	n := len(s.Pages())
	return n*printout.Rows + n - 1
}

// Looking clears the error before a request for the printers.
func (s *Preview) Looking() { s.err = nil }

// Listed records the error of listing the printers, or nil.
func (s *Preview) Listed(err error) { s.err = err }

// Take sets the chosen printer.
func (s *Preview) Take(printer string) { s.Printer, s.err, s.since = printer, nil, s.Now() }

// Sent records the result of sending the page.
func (s *Preview) Sent(job Job, err error) {
	s.done, s.Job, s.err, s.cancelled = err == nil, job, err, false
	s.since = s.Now()
}

// Followed records the result of following the job. A page that the print service gave up can be printed again.
func (s *Preview) Followed(err error) {
	s.err, s.done = err, err == nil || cups.KindOf(err) != cups.Aborted
	s.since = s.Now()
}

// Cancelled records the result of cancelling the job. If it was cancelled, the page can be printed again.
func (s *Preview) Cancelled(err error) {
	s.err, s.cancelled, s.done = err, err == nil, err != nil
	s.since = s.Now()
}

// Failing reports whether the screen shows a failure.
func (s *Preview) Failing() bool { return s.err != nil }
