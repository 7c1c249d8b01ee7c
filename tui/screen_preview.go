package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/paper"
)

// previewScreen is the paper before it exists: what Enter prints, line by line.
type previewScreen struct {
	*common
	patient *patientScreen
	sheet   paper.Sheet
	printer string // "" while none is chosen
	asking  bool   // the printers are being looked for
	sending bool
	done    bool // the page was sent
	job     string
	err     error // of the looking or of the printing

	shownAt     time.Time // what can be printed came into sight
	from, shown int       // first line shown, and how many fit
	left, cells int       // first cell shown, and how many fit
}

func newPreviewScreen(c *common, p *patientScreen, sheet paper.Sheet, printer string) *previewScreen {
	return &previewScreen{common: c, patient: p, sheet: sheet, printer: printer, shown: 1, cells: paper.Columns, shownAt: c.now()}
}

func (s *previewScreen) typing() bool      { return false }
func (s *previewScreen) paste(string)      {}
func (s *previewScreen) place() place      { return atAlert }
func (s *previewScreen) banner(w int) pane { return s.patient.banner(w) }

func (s *previewScreen) wipe() { *s = previewScreen{common: s.common, patient: s.patient, shown: 1} }

// pages are what would be printed now.
func (s *previewScreen) pages() paper.Pages {
	sheet := s.sheet
	sheet.Printed = s.now()
	return paper.Lay(sheet)
}

// ready reports whether Enter prints.
func (s *previewScreen) ready() bool { return s.printer != "" && !s.asking && !s.sending && !s.done }

// canChoose reports whether there is a printer to be chosen.
func (s *previewScreen) canChoose() bool { return !s.asking && !s.sending && !s.done }

func (s *previewScreen) bindings() (main, minor []key.Binding) {
	enter := as(s.keys.Enter, wordPrintNow)
	switch {
	case s.done:
		enter = as(s.keys.Enter, wordBackToAlert)
	case s.printer == "":
		enter = as(s.keys.Enter, wordChoosePrinter)
	}
	scrolls := s.from > 0 || s.from+s.shown < s.height()
	sideways := s.cells < paper.Columns
	main = []key.Binding{
		when(enter, s.ready() || s.done || s.printer == "" && s.canChoose()),
		when(as(s.keys.Scroll, wordScroll), scrolls),
		when(as(s.keys.Print, wordOtherPrinter), s.canChoose() && s.printer != ""),
		when(as(s.keys.Esc, wordBackToAlert), !s.sending),
	}
	minor = []key.Binding{
		when(s.keys.PageUp, scrolls), when(s.keys.PageDown, scrolls),
		when(s.keys.Left, sideways), when(s.keys.Right, sideways),
	}
	return main, minor
}

func (s *previewScreen) press(k tea.KeyPressMsg) action {
	switch {
	case key.Matches(k, s.keys.Enter) && !k.IsRepeat: // a key held down prints nothing
		switch {
		case s.done && s.justCame(s.shownAt): // nor does impatience hide that it was sent
			return nil
		case s.done:
			return actBack{}
		case s.ready() && s.justCame(s.shownAt): // nor does what was typed ahead
			return nil
		case s.ready():
			return actPrint{}
		case s.printer == "" && s.canChoose():
			return actChoosePrinter{}
		}
	case key.Matches(k, s.keys.Print) && s.canChoose() && !k.IsRepeat:
		return actChoosePrinter{}
	case key.Matches(k, s.keys.Esc) && !s.sending:
		return actBack{}
	case key.Matches(k, s.keys.Up):
		s.scroll(-1)
	case key.Matches(k, s.keys.Down):
		s.scroll(1)
	case key.Matches(k, s.keys.PageUp):
		s.scroll(-s.shown)
	case key.Matches(k, s.keys.PageDown):
		s.scroll(s.shown)
	case key.Matches(k, s.keys.Left):
		s.shift(-shiftCells)
	case key.Matches(k, s.keys.Right):
		s.shift(shiftCells)
	}
	return nil
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

func (s *previewScreen) take(printer string) { s.printer, s.err, s.shownAt = printer, nil, s.now() }

func (s *previewScreen) sent(job string, err error) {
	s.sending, s.done, s.job, s.err = false, err == nil, job, err
	s.shownAt = s.now()
}
