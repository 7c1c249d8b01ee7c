package alert

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/printout"
	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// View returns the body of the screen.
func (s *Preview) View(l draw.Layout) draw.Pane {
	pages := s.Pages()
	head := draw.Stack(s.status(len(pages), l.Body.W-2).Indent(1))
	w := min(l.Body.W, printout.Columns+4)
	s.shown, s.cells = max(1, l.Body.H-len(head.Lines)-2), min(printout.Columns, w-4)
	s.scroll(0)
	s.shift(0)
	all, page := pageLines(pages), s.from/(printout.Rows+1)+1
	last := min(len(all), s.from+s.shown)
	sheet := draw.Pane{Lines: make([]string, 0, s.shown)}
	for _, line := range all[s.from:last] {
		sheet.Lines = append(sheet.Lines, text.Cut(line, s.left, s.left+s.cells))
	}
	sheet.Cursor = &tea.Position{}
	return draw.Stack(head, s.Styles.Focus(wordsPage(min(page, len(pages)), len(pages)), sheet, w, len(sheet.Lines)+2))
}

// pageLines returns the lines of all pages, with a separating line between two pages.
func pageLines(pages printout.Pages) []string {
	var all []string
	for i, page := range pages {
		if i > 0 {
			all = append(all, strings.Repeat(draw.SignDot, printout.Columns))
		}
		all = append(all, page...)
	}
	return all
}

// status returns what will be printed and where, and the state of the printing.
func (s *Preview) status(pages, w int) draw.Pane {
	return draw.Stack(draw.Lines(s.Styles.Label.Render(wordPrinter)+" "+s.Styles.Strong.Render(s.where())+"   "+
		wordsPages(pages)), s.printStatus(w))
}

// where returns the name of the chosen printer.
func (s *Preview) where() string {
	if s.Printer == "" {
		return wordNoPrinterYet
	}
	return s.Printer
}

// printStatus returns the state of the printing.
func (s *Preview) printStatus(w int) draw.Pane {
	switch {
	case s.Queues.Pending():
		return draw.Lines(wordLookingForPrinters)
	case s.Sending.Pending():
		return draw.Lines(s.Styles.Strong.Render(wordPrinting))
	case s.Following.Pending():
		return draw.Paragraph(s.Styles.Strong, wordsFollowing(string(s.Job)), w)
	case s.Cancelling.Pending():
		return draw.Lines(s.Styles.Strong.Render(wordCancelling))
	case s.err != nil:
		return step.FaultPane(s.Styles, s.err, w)
	case s.cancelled:
		return draw.Paragraph(s.Styles.Strong, wordTakenBack, w)
	case s.done:
		return draw.Paragraph(s.Styles.Strong, wordsPrinted(string(s.Job)), w)
	default:
		return draw.Paragraph(s.Styles.Plain, wordNothingPrinted, w)
	}
}
