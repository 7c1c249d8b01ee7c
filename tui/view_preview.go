package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wardlight/internal/paper"
)

func (s *previewScreen) view(l layout) pane {
	pages := s.pages()
	head := stack(s.status(len(pages), l.body.w-2).indent(1))
	w := min(l.body.w, paper.Columns+4)
	s.shown, s.cells = max(1, l.body.h-len(head.lines)-2), min(paper.Columns, w-4)
	s.scroll(0)
	s.shift(0)
	all, page := paperLines(pages), s.from/(paper.Rows+1)+1
	last := min(len(all), s.from+s.shown)
	sheet := pane{lines: make([]string, 0, s.shown)}
	for _, line := range all[s.from:last] {
		sheet.lines = append(sheet.lines, ansi.Cut(line, s.left, s.left+s.cells))
	}
	sheet.cursor = &tea.Position{}
	return stack(head, s.th.focus(wordsPage(min(page, len(pages)), len(pages)), sheet, w, len(sheet.lines)+2))
}

// paperLines are the pages below each other, with a line that is not on the paper between two.
func paperLines(pages paper.Pages) []string {
	var all []string
	for i, page := range pages {
		if i > 0 {
			all = append(all, strings.Repeat(signDot, paper.Columns))
		}
		all = append(all, page...)
	}
	return all
}

// status says what is going to be printed where, and what has become of it.
func (s *previewScreen) status(pages, w int) pane {
	return stack(lines(s.th.label.Render(wordPrinter)+" "+s.th.strong.Render(s.where())+"   "+wordsPages(pages)), s.news(w))
}

// where is the printer that is chosen.
func (s *previewScreen) where() string {
	if s.printer == "" {
		return wordNoPrinterYet
	}
	return s.printer
}

// news is what has become of the paper.
func (s *previewScreen) news(w int) pane {
	switch {
	case s.asking:
		return lines(wordLookingForPrinters)
	case s.sending:
		return lines(s.th.strong.Render(wordPrinting))
	case s.following:
		return paragraph(s.th.strong, wordsFollowing(s.job), w)
	case s.cancelling:
		return lines(s.th.strong.Render(wordCancelling))
	case s.err != nil:
		return s.th.faultPane(s.err, w)
	case s.takenBack:
		return paragraph(s.th.strong, wordTakenBack, w)
	case s.done:
		return paragraph(s.th.strong, wordsPrinted(s.job), w)
	default:
		return paragraph(s.th.plain, wordNothingPrinted, w)
	}
}
