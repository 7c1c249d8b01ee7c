package tui

import (
	"time"

	"charm.land/bubbles/v2/key"

	"wardlight/internal/cups"
	"wardlight/internal/paper"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// previewScreen is the paper before it exists: what Enter prints, line by line.
type previewScreen struct {
	*step.Common
	step.Unfocused
	patient Patient
	sheet   paper.Sheet
	printer string // "" while none is chosen
	asking  bool   // the printers are being looked for
	sending bool
	done    bool // the page was sent, and is not known to be lost
	job     string
	err     error // of the looking, of the printing or of the following

	following, cancelling, takenBack bool // the page that was sent

	since       time.Time // when what can be printed came into sight
	from, shown int       // first line shown, and how many fit
	left, cells int       // first cell shown, and how many fit
}

func newPreviewScreen(c *step.Common, p Patient, sheet paper.Sheet, printer string) *previewScreen {
	return &previewScreen{Common: c, patient: p, sheet: sheet, printer: printer, shown: 1, cells: paper.Columns}
}

func (s *previewScreen) Place() draw.Place      { return draw.AtAlert }
func (s *previewScreen) Banner(w int) draw.Pane { return s.patient.Banner(w) }

func (s *previewScreen) Wipe() { *s = previewScreen{Common: s.Common, patient: s.patient, shown: 1} }

// pages are what would be printed now.
func (s *previewScreen) pages() paper.Pages {
	sheet := s.sheet
	sheet.Printed = s.Now()
	return paper.Lay(sheet)
}

// ready reports whether Enter prints.
func (s *previewScreen) ready() bool { return s.printer != "" && s.canChoose() }

// canChoose reports whether there is a printer to be chosen.
func (s *previewScreen) canChoose() bool { return !s.asking && !s.busy() && !s.done }

// busy reports whether the print service is doing something with the page, which is not left meanwhile.
func (s *previewScreen) busy() bool { return s.sending || s.following || s.cancelling }

// waits reports whether the page waits for its printer, and can be taken back.
func (s *previewScreen) waits() bool {
	kind := cups.KindOf(s.err)
	return s.done && !s.busy() && s.err != nil && (kind == cups.Waiting || kind == cups.NotCancelled)
}

func (s *previewScreen) Commands() (main, minor []act.Command) {
	scrolls := s.from > 0 || s.from+s.shown < s.height()
	sideways := s.cells < paper.Columns
	shift := func(b key.Binding, n int) act.Command {
		return step.Command(step.When(b, sideways), func() step.Action { s.shift(n); return nil })
	}
	cancel := step.Command(step.When(step.As(s.Keys.Remove, wordCancelPage), s.waits()), step.Effect(actCancelPage{}))
	cancel.Running = s.cancelling
	main = append([]act.Command{cancel, s.enter()}, s.Updown(step.WordScroll, scrolls, s.scroll)...)
	main = append(main,
		step.Command(step.When(step.As(s.Keys.Print, wordOtherPrinter), s.canChoose() && s.printer != ""), step.Effect(actChoosePrinter{})),
		step.Command(step.When(step.As(s.Keys.Esc, wordBackToAlert), !s.busy()), step.Effect(step.Back{})))
	minor = append(s.Paging(scrolls, s.shown, s.scroll), shift(s.Keys.Left, -shiftCells), shift(s.Keys.Right, shiftCells))
	return main, minor
}

// enter prints, and before that chooses a printer; after it, it goes back.
func (s *previewScreen) enter() act.Command {
	switch {
	case s.done: // impatience does not hide that the page was sent
		return s.Delayed(step.Command(step.When(step.As(s.Keys.Enter, wordBackToAlert), !s.busy()), step.Effect(step.Back{})), s.since)
	case s.printer == "":
		return step.Command(step.When(step.As(s.Keys.Enter, wordChoosePrinter), s.canChoose()), step.Effect(actChoosePrinter{}))
	default:
		print := step.Command(step.When(step.As(s.Keys.Enter, wordPrintNow), s.ready()), step.Effect(actPrint{}))
		print.Running = s.sending
		return s.Delayed(print, s.since)
	}
}

// shiftCells is how far the paper moves sideways at a time.
const shiftCells = 8

func (s *previewScreen) scroll(n int) { s.from = max(0, min(s.from+n, s.height()-s.shown)) }
func (s *previewScreen) shift(n int)  { s.left = max(0, min(s.left+n, paper.Columns-s.cells)) }

// height is how many lines the pages have, one of them between two.
func (s *previewScreen) height() int {
	n := len(s.pages())
	return n*paper.Rows + n - 1
}

func (s *previewScreen) looking() { s.asking, s.err = true, nil }

func (s *previewScreen) listed(err error) { s.asking, s.err = false, err }

func (s *previewScreen) take(printer string) { s.printer, s.err, s.since = printer, nil, s.Now() }

func (s *previewScreen) sent(job string, err error) {
	s.sending, s.done, s.job, s.err, s.takenBack = false, err == nil, job, err, false
	s.following = err == nil
	s.since = s.Now()
}

// followed takes in what became of the page. One that was given up can be printed again.
func (s *previewScreen) followed(err error) {
	s.following, s.err, s.done = false, err, err == nil || cups.KindOf(err) != cups.GivenUp
	s.since = s.Now()
}

// cancelled takes in whether the page was taken back. Then it can be printed again.
func (s *previewScreen) cancelled(err error) {
	s.cancelling, s.err, s.takenBack, s.done = false, err, err == nil, err != nil
	s.since = s.Now()
}
